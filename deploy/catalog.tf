locals {
  databases = {
    for layer, database in var.databases : layer => coalesce(database.name, "${replace(var.name_prefix, "-", "_")}db_pynvest_${layer}")
  }
}

# One for each name, not for each layer: layers may share a database.
resource "aws_glue_catalog_database" "this" {
  for_each = toset([for layer, name in local.databases : name if var.databases[layer].create])

  name        = each.key
  description = "pynvest: indicadores de ações e fundos imobiliários da B3, lidos do Fundamentus"
  tags        = var.module_default_tags
}

resource "aws_glue_catalog_table" "this" {
  for_each = local.tables

  name          = each.key
  description   = each.value.comment
  database_name = local.databases[each.value.layer]
  table_type    = "EXTERNAL_TABLE"

  parameters = {
    EXTERNAL       = "TRUE"
    classification = "parquet"
  }

  partition_keys {
    name    = "anomesdia_exec"
    type    = "int"
    comment = "Dia da execução em Brasília, como número: aaaammdd"
  }

  storage_descriptor {
    location      = "s3://${var.bucket_names_map[each.value.layer]}/${each.key}/"
    input_format  = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"
    output_format = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"

    ser_de_info {
      serialization_library = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
      parameters            = { "serialization.format" = "1" }
    }

    dynamic "columns" {
      for_each = jsondecode(file("${path.module}/schemas/${each.key}.json"))
      content {
        name    = columns.value.name
        type    = columns.value.type
        comment = columns.value.comment
      }
    }
  }

  depends_on = [aws_glue_catalog_database.this]
}
