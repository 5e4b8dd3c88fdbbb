# Four classic questions, saved in the user's own workgroup. In Portuguese, as the tables are.

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
