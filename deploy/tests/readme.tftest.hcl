# The tables of the README are what variables.tf and outputs.tf say.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  bucket_names_map = { sor = "lake-sor", sot = "lake-sot", spec = "lake-spec" }
  package          = { s3_bucket = "packages", s3_key = "pynvest-lambda-arm64.zip" }
}

run "the_readme_lists_every_variable" {
  command = plan

  assert {
    condition = regexall("(?m)^\\| `[a-z_]+` \\| .* \\| .* \\|$", file("${path.module}/README.md")) == tolist([
      for declared in slice(split("\nvariable \"", "\n${file("${path.module}/variables.tf")}"), 1, length(split("\nvariable \"", "\n${file("${path.module}/variables.tf")}"))) :
      format(
        "| `%s` | %s | %s |",
        regex("^[a-z_]+", declared),
        try("`${regex("\n  default +=  ?(.*)\n", declared)[0]}`", "required"),
        regex("\n  description += \"(.*)\"\n", declared)[0],
      )
    ])
    error_message = "The table of variables in README.md differs from variables.tf."
  }
}

run "the_readme_lists_every_output" {
  command = plan

  assert {
    condition = regexall("(?m)^\\| `[a-z_]+` \\| [^|]* \\|$", file("${path.module}/README.md")) == tolist([
      for declared in slice(split("\noutput \"", "\n${file("${path.module}/outputs.tf")}"), 1, length(split("\noutput \"", "\n${file("${path.module}/outputs.tf")}"))) :
      format("| `%s` | %s |", regex("^[a-z_]+", declared), regex("\n  description += \"(.*)\"\n", declared)[0])
    ])
    error_message = "The table of outputs in README.md differs from outputs.tf."
  }
}
