# What everything else refers to: where this is deployed, the ten functions and the five tables.

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  account_id = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition
  # `id` is the name of the region in versions 5 and 6 of the provider; `name` and `region` are in one of them only.
  region = data.aws_region.current.id

  # Every function by its name without prefix: the role it runs with, and what starts it. `queue` is the class whose
  # messages it takes; `asynchronous` says that nobody waits for its answer, so that Lambda itself tries again.
  functions = {
    pynvest-lambda-check-and-delete-partitions = {
      description  = "Reads and compares both lists, removes parts that the compacted object has, then hands the tickers over to get-tickers"
      role         = "pynvest-lambda-check-and-delete-partitions"
      queue        = null
      asynchronous = true
    }
    pynvest-lambda-get-tickers = {
      description  = "Sends one message per ticker to the queue of its class"
      role         = "pynvest-lambda-send-msgs-to-tickers-queues"
      queue        = null
      asynchronous = true
    }
    pynvest-lambda-get-financial-data-for-acoes = {
      description  = "Reads the details page of each stock in its messages and writes the raw rows to SoR"
      role         = "pynvest-lambda-share-sor-financial-data"
      queue        = "acoes"
      asynchronous = false
    }
    pynvest-lambda-get-financial-data-for-fiis = {
      description  = "Reads the details page of each FII in its messages and writes the raw rows to SoR"
      role         = "pynvest-lambda-share-sor-financial-data"
      queue        = "fiis"
      asynchronous = false
    }
    pynvest-lambda-prep-financial-data-for-acoes = {
      description  = "Types the raw rows of stocks, from SoR to SoT"
      role         = "pynvest-lambda-share-sot-financial-data"
      queue        = null
      asynchronous = true
    }
    pynvest-lambda-prep-financial-data-for-fiis = {
      description  = "Types the raw rows of FIIs, from SoR to SoT"
      role         = "pynvest-lambda-share-sot-financial-data"
      queue        = null
      asynchronous = true
    }
    pynvest-lambda-specialize-financial-data = {
      description  = "Takes the columns that stocks and FIIs share, from SoT to Spec"
      role         = "pynvest-lambda-share-spec-financial-data"
      queue        = null
      asynchronous = true
    }
    pynvest-lambda-dedup-financial-data-for-acoes = {
      description  = "Compacts the day of the SoT table of stocks, the newest capture of each"
      role         = "pynvest-lambda-dedup-financial-data"
      queue        = null
      asynchronous = false
    }
    pynvest-lambda-dedup-financial-data-for-fiis = {
      description  = "Compacts the day of the SoT table of FIIs, the newest capture of each"
      role         = "pynvest-lambda-dedup-financial-data"
      queue        = null
      asynchronous = false
    }
    pynvest-lambda-dedup-financial-data-for-spec-ativos = {
      description  = "Compacts the day of the Spec table, the newest capture of each ticker"
      role         = "pynvest-lambda-dedup-financial-data"
      queue        = null
      asynchronous = false
    }
  }

  # Every table by its name: its layer, and the function that a new object of it starts.
  tables = {
    tbsor_fundamentus_indicadores_acoes_raw = {
      layer   = "sor"
      starts  = "pynvest-lambda-prep-financial-data-for-acoes"
      comment = "Indicadores de ações como impressos pelo Fundamentus, todos em texto"
    }
    tbsor_fundamentus_indicadores_fiis_raw = {
      layer   = "sor"
      starts  = "pynvest-lambda-prep-financial-data-for-fiis"
      comment = "Indicadores de fundos imobiliários como impressos pelo Fundamentus, todos em texto"
    }
    tbsot_fundamentus_indicadores_acoes_prep = {
      layer   = "sot"
      starts  = "pynvest-lambda-specialize-financial-data"
      comment = "Indicadores de ações, um registro por papel e dia, com tipos"
    }
    tbsot_fundamentus_indicadores_fiis_prep = {
      layer   = "sot"
      starts  = "pynvest-lambda-specialize-financial-data"
      comment = "Indicadores de fundos imobiliários, um registro por fundo e dia, com tipos"
    }
    tbspec_fundamentus_cotacao_ativos = {
      layer   = "spec"
      starts  = null
      comment = "Cotações e variações de ações e fundos imobiliários, um registro por ativo e dia"
    }
  }

  # ARNs are built from names, not read from resources: so two resources may name each other, and a plan shows every
  # policy whole.
  function_arns = {
    for name in keys(local.functions) :
    name => "arn:${local.partition}:lambda:${local.region}:${local.account_id}:function:${var.name_prefix}${name}"
  }
}
