# Layers may share a bucket and a database, and databases may exist already.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  bucket_names_map = { sor = "lake-sor", sot = "lake-sot", spec = "lake-spec" }
  package          = { s3_bucket = "packages", s3_key = "pynvest-lambda-arm64.zip" }
}

run "a_bucket_for_each_layer" {
  command = plan

  assert {
    condition     = toset(keys(aws_s3_bucket_notification.this)) == toset(["lake-sor", "lake-sot"])
    error_message = "Not just the buckets of SoR and SoT have a notification."
  }
  assert {
    condition     = alltrue([for notification in aws_s3_bucket_notification.this : length(notification.lambda_function) == 2])
    error_message = "A bucket does not tell of both of its tables."
  }
}

run "the_plan_looks_for_each_bucket_once" {
  command = plan

  variables {
    bucket_names_map = { sor = "raw", sot = "typed", spec = "typed" }
  }

  assert {
    condition     = toset(keys(data.aws_s3_bucket.must_exist)) == toset(["raw", "typed"])
    error_message = "The plan does not look for just the two buckets."
  }
}

run "buckets_that_the_same_apply_creates" {
  command = plan

  variables {
    flag_look_up_buckets = false
  }

  assert {
    condition     = length(data.aws_s3_bucket.must_exist) == 0
    error_message = "The plan looks for buckets that cannot be there yet."
  }
}

run "one_bucket_for_all_layers" {
  command = plan

  variables {
    bucket_names_map = { sor = "lake", sot = "lake", spec = "lake" }
  }

  assert {
    condition     = keys(aws_s3_bucket_notification.this) == ["lake"] && length(aws_s3_bucket_notification.this["lake"].lambda_function) == 4
    error_message = "One bucket needs one notification resource with four parts: two resources would replace each other in every apply."
  }
  assert {
    condition     = length(distinct([for part in aws_s3_bucket_notification.this["lake"].lambda_function : part.filter_prefix])) == 4
    error_message = "Two notifications of the bucket have the same prefix."
  }
}

run "one_bucket_for_two_layers" {
  command = plan

  variables {
    bucket_names_map = { sor = "raw", sot = "typed", spec = "typed" }
  }

  assert {
    condition     = toset(keys(aws_s3_bucket_notification.this)) == toset(["raw", "typed"])
    error_message = "Not just the buckets of SoR and SoT have a notification."
  }
  assert {
    condition = alltrue([
      for statement in jsondecode(aws_iam_policy.this["pynvest-share-sot-financial-data"].policy).Statement :
      !anytrue([for resource in flatten([statement.Resource]) : can(regex("tbspec|typed/\\*", resource))])
    ])
    error_message = "A role of SoT reaches Spec because they share a bucket."
  }
}

run "one_database_for_all_layers" {
  command = plan

  variables {
    databases = { sor = { name = "lake" }, sot = { name = "lake" }, spec = { name = "lake" } }
  }

  assert {
    condition     = keys(aws_glue_catalog_database.this) == ["lake"]
    error_message = "A shared database must be created once."
  }
  assert {
    condition     = alltrue([for table in aws_glue_catalog_table.this : table.database_name == "lake"])
    error_message = "A table lies in another database."
  }
  assert {
    condition     = aws_lambda_function.this["pynvest-lambda-get-tickers"].environment[0].variables.SPEC_DATABASE == "lake"
    error_message = "The functions do not know the database."
  }
}

run "databases_that_exist" {
  command = plan

  variables {
    databases = { sor = { name = "raw", create = false }, sot = { name = "typed", create = false }, spec = { name = "special", create = false } }
  }

  assert {
    condition     = length(aws_glue_catalog_database.this) == 0
    error_message = "A database is created that exists already."
  }
  assert {
    condition     = aws_glue_catalog_table.this["tbspec_fundamentus_cotacao_ativos"].database_name == "special"
    error_message = "The Spec table lies in another database."
  }
}

run "one_database_that_exists" {
  command = plan

  variables {
    databases   = { sor = { create = false } }
    name_prefix = "dev-"
  }

  assert {
    condition     = toset(keys(aws_glue_catalog_database.this)) == toset(["dev_db_pynvest_sot", "dev_db_pynvest_spec"])
    error_message = "Not just the databases of SoT and Spec are created."
  }
  assert {
    condition     = aws_glue_catalog_table.this["tbsor_fundamentus_indicadores_acoes_raw"].database_name == "dev_db_pynvest_sor" && output.databases.sor == "dev_db_pynvest_sor"
    error_message = "The database that exists is not used."
  }
}

run "one_database_that_does_not_exist" {
  command = plan

  variables {
    databases = { sor = { name = "raw", create = false }, sot = { name = "lake" }, spec = { name = "lake" } }
  }

  assert {
    condition     = keys(aws_glue_catalog_database.this) == ["lake"]
    error_message = "Not just the database that two layers share is created."
  }
}

run "no_prefix_of_a_notification_begins_another" {
  command = plan

  variables {
    bucket_names_map = { sor = "lake", sot = "lake", spec = "lake" }
  }

  # S3 refuses overlapping prefixes with overlapping suffixes.
  assert {
    condition = length([
      for pair in setproduct(values(local.arrivals)[*].prefix, values(local.arrivals)[*].prefix) : pair if pair[0] != pair[1] && startswith(pair[1], pair[0])
    ]) == 0
    error_message = "Two notifications overlap."
  }
}
