# Four classic questions, and the statements that create five views, saved in the user's own workgroup. In Portuguese, as the
# tables are.

locals {
  queries = {
    indicadores-de-uma-acao = {
      layer       = "sot"
      description = "Os indicadores de uma ação no último dia. Troque o código do papel."
    }
    historico-de-um-ativo = {
      layer       = "spec"
      description = "A cotação e as variações de um ativo nos últimos 30 dias de coleta. Troque o código do ativo."
    }
    fiis-por-segmento = {
      layer       = "sot"
      description = "Os fundos imobiliários de um segmento em uma faixa de preço, no último dia. Troque o segmento e a faixa."
    }
    cotacoes-da-carteira = {
      layer       = "spec"
      description = "As cotações de uma carteira de ações e fundos imobiliários, no último dia de cada ativo. Troque os códigos."
    }
  }

  # Each view by its name: its template in views/, its table, and what it answers.
  views = {
    vw_fundamentus_acoes_ultimo_dia = {
      template    = "ultimo-dia"
      table       = "tbsot_fundamentus_indicadores_acoes_prep"
      description = "Cria a visão das ações no último dia de coleta."
    }
    vw_fundamentus_fiis_ultimo_dia = {
      template    = "ultimo-dia"
      table       = "tbsot_fundamentus_indicadores_fiis_prep"
      description = "Cria a visão dos fundos imobiliários no último dia de coleta."
    }
    vw_fundamentus_cotacoes_ultimo_dia = {
      template    = "ultimo-dia"
      table       = "tbspec_fundamentus_cotacao_ativos"
      description = "Cria a visão das cotações de ações e fundos imobiliários no último dia de coleta."
    }
    vw_fundamentus_acoes_como_era = {
      template    = "como-era"
      table       = "tbsot_fundamentus_indicadores_acoes_prep"
      description = "Cria a visão das ações como eram conhecidas em um dia qualquer."
    }
    vw_fundamentus_fiis_como_era = {
      template    = "como-era"
      table       = "tbsot_fundamentus_indicadores_fiis_prep"
      description = "Cria a visão dos fundos imobiliários como eram conhecidos em um dia qualquer."
    }
  }
}

# The columns are named: a view of `*` would have to be created anew when a table gets a column.
resource "aws_athena_named_query" "view" {
  for_each = var.athena_workgroup == null ? {} : local.views

  name        = "${var.name_prefix}pynvest-${replace(each.key, "_", "-")}"
  description = each.value.description
  workgroup   = var.athena_workgroup
  database    = local.databases[local.tables[each.value.table].layer]
  query = templatefile("${path.module}/views/${each.value.template}.sql.tftpl", {
    database = local.databases[local.tables[each.value.table].layer]
    view     = each.key
    table    = each.value.table
    columns  = concat(jsondecode(file("${path.module}/schemas/${each.value.table}.json"))[*].name, ["anomesdia_exec"])
  })

  depends_on = [aws_glue_catalog_database.this]
}

resource "aws_athena_named_query" "this" {
  for_each = var.athena_workgroup == null ? {} : local.queries

  name        = "${var.name_prefix}pynvest-${each.key}"
  description = each.value.description
  workgroup   = var.athena_workgroup
  database    = local.databases[each.value.layer]
  query       = templatefile("${path.module}/queries/${each.key}.sql.tftpl", { databases = local.databases })

  depends_on = [aws_glue_catalog_database.this]
}
