variable "bucket_names_map" {
  type = object({
    sor  = string
    sot  = string
    spec = string
  })
  description = "Names of the buckets of the three layers. The buckets exist already; two or three layers may share one. Names must be known to the plan: for a bucket in the same configuration use its `bucket`, not its `id`."
  nullable    = false

  validation {
    condition     = alltrue([for bucket in values(var.bucket_names_map) : can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", bucket)) && !can(regex("\\.\\.", bucket))])
    error_message = "bucket_names_map holds a name that S3 does not take: 3 to 63 lower-case letters, digits, single dots and hyphens. It is a name, not an ARN or an s3:// address."
  }
}

variable "flag_look_up_buckets" {
  type        = bool
  description = "Whether the plan looks up the buckets and refuses one that is missing or in another region. Set false for buckets that the same apply creates."
  default     = true
  nullable    = false
}

variable "name_prefix" {
  type        = string
  description = "Text in front of every name, with its own hyphen at the end: `dev-`. Two copies in one account need different ones. In the names of databases its hyphens are underscores."
  default     = ""
  nullable    = false

  validation {
    condition     = can(regex("^([a-z]([a-z0-9-]{0,9}[a-z0-9])?-)?$", var.name_prefix))
    error_message = "name_prefix is empty, or up to 12 lower-case letters, digits and hyphens that begin with a letter and end in one hyphen, like dev-; longer ones break the 64 characters of AWS names."
  }
}

variable "databases" {
  type = object({
    sor  = optional(object({ name = optional(string), create = optional(bool, true) }), {})
    sot  = optional(object({ name = optional(string), create = optional(bool, true) }), {})
    spec = optional(object({ name = optional(string), create = optional(bool, true) }), {})
  })
  description = "The Glue database of each layer: its `name`, taken as it is (by default db_pynvest_sor, db_pynvest_sot and db_pynvest_spec, after the prefix), and whether the module creates it (`create`, true). With `create = false` it must exist. Layers may share one."
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for database in values(var.databases) : database.name == null ? true : can(regex("^[a-z0-9_]{1,255}$", database.name))])
    error_message = "databases has a name that Athena cannot query: lower-case letters, digits and underscores only."
  }
  validation {
    condition = alltrue([
      for creates in values({
        for layer, database in var.databases :
        coalesce(database.name, "${replace(var.name_prefix, "-", "_")}db_pynvest_${layer}") => database.create...
      }) : length(distinct(creates)) == 1
    ])
    error_message = "databases says of one database both that it is created and that it exists: layers that share a database have the same `create`."
  }
}

variable "sqs_tickers_acoes_queue_name" {
  type        = string
  description = "Name of the queue of stocks, taken as it is; its dead-letter queue adds -dlq. Null gives pynvest-tickers-acoes-queue, after the prefix."
  default     = null

  validation {
    condition     = var.sqs_tickers_acoes_queue_name == null ? true : can(regex("^[A-Za-z0-9_-]{1,76}$", var.sqs_tickers_acoes_queue_name))
    error_message = "sqs_tickers_acoes_queue_name is 1 to 76 letters, digits, hyphens and underscores; FIFO queues are not supported."
  }
}

variable "sqs_tickers_fiis_queue_name" {
  type        = string
  description = "Name of the queue of FIIs, taken as it is; its dead-letter queue adds -dlq. Null gives pynvest-tickers-fiis-queue, after the prefix."
  default     = null

  validation {
    condition     = var.sqs_tickers_fiis_queue_name == null ? true : can(regex("^[A-Za-z0-9_-]{1,76}$", var.sqs_tickers_fiis_queue_name))
    error_message = "sqs_tickers_fiis_queue_name is 1 to 76 letters, digits, hyphens and underscores; FIFO queues are not supported."
  }
  validation {
    condition     = var.sqs_tickers_fiis_queue_name == null || var.sqs_tickers_fiis_queue_name != var.sqs_tickers_acoes_queue_name
    error_message = "sqs_tickers_fiis_queue_name and sqs_tickers_acoes_queue_name are the same: stocks and FIIs need a queue each."
  }
}

variable "sqs_visibility_timeout_seconds" {
  type        = number
  description = "Seconds for which a message that was taken is hidden from others, 0 to 43200. At least six times functions_timeout plus the batch window, as AWS advises: less hands the same ticker to two invocations."
  default     = 1200
  nullable    = false

  validation {
    condition     = var.sqs_visibility_timeout_seconds >= 0 && var.sqs_visibility_timeout_seconds <= 43200 && floor(var.sqs_visibility_timeout_seconds) == var.sqs_visibility_timeout_seconds
    error_message = "sqs_visibility_timeout_seconds is a whole number from 0 to 43200 (12 hours)."
  }
  validation {
    condition     = var.sqs_visibility_timeout_seconds >= 6 * var.functions_timeout + var.sqs_lambda_trigger_batch_window
    error_message = "sqs_visibility_timeout_seconds is ${var.sqs_visibility_timeout_seconds}, less than six times functions_timeout plus sqs_lambda_trigger_batch_window (${6 * var.functions_timeout + var.sqs_lambda_trigger_batch_window}): messages would come back while they are still being worked on."
  }
}

variable "sqs_message_retention_seconds" {
  type        = number
  description = "Seconds for which a queue keeps a message, 60 to 1209600 (14 days). The dead-letter queues always keep theirs for 14 days."
  default     = 345600
  nullable    = false

  validation {
    condition     = var.sqs_message_retention_seconds >= 60 && var.sqs_message_retention_seconds <= 1209600 && floor(var.sqs_message_retention_seconds) == var.sqs_message_retention_seconds
    error_message = "sqs_message_retention_seconds is a whole number from 60 to 1209600 (14 days)."
  }
  validation {
    condition     = var.sqs_message_retention_seconds > 3 * var.sqs_visibility_timeout_seconds
    error_message = "sqs_message_retention_seconds is not more than three times sqs_visibility_timeout_seconds: a message that fails would expire before it reaches the dead-letter queue."
  }
}

variable "functions_timeout" {
  type        = number
  description = "Seconds that an invocation of any function may take, 1 to 900."
  default     = 180
  nullable    = false

  validation {
    condition     = var.functions_timeout >= 1 && var.functions_timeout <= 900 && floor(var.functions_timeout) == var.functions_timeout
    error_message = "functions_timeout is a whole number from 1 to 900 (15 minutes)."
  }
}

variable "functions_memory_size" {
  type        = number
  description = "Megabytes of memory of every function, 128 to 10240. Lambda gives a share of a processor in proportion."
  default     = 128
  nullable    = false

  validation {
    condition     = var.functions_memory_size >= 128 && var.functions_memory_size <= 10240 && floor(var.functions_memory_size) == var.functions_memory_size
    error_message = "functions_memory_size is a whole number from 128 to 10240 (10 GB)."
  }
}

variable "dedup_memory_size" {
  type        = number
  description = "Megabytes of memory of the three dedup functions, 128 to 10240: they hold a whole day. Null: functions_memory_size, enough for 5,000 tickers."
  default     = null

  validation {
    condition     = var.dedup_memory_size == null ? true : var.dedup_memory_size >= 128 && var.dedup_memory_size <= 10240 && floor(var.dedup_memory_size) == var.dedup_memory_size
    error_message = "dedup_memory_size is a whole number from 128 to 10240 (10 GB)."
  }
}

variable "sqs_lambda_trigger_batch_size" {
  type        = number
  description = "Most messages that one invocation takes, 1 to 10000. They are read at the share of requests_per_second that each invocation has."
  default     = 100
  nullable    = false

  validation {
    condition     = var.sqs_lambda_trigger_batch_size >= 1 && var.sqs_lambda_trigger_batch_size <= 10000 && floor(var.sqs_lambda_trigger_batch_size) == var.sqs_lambda_trigger_batch_size
    error_message = "sqs_lambda_trigger_batch_size is a whole number from 1 to 10000."
  }
  validation {
    condition     = var.sqs_lambda_trigger_batch_size * local.interval_ms / 1000 <= 2 * var.functions_timeout / 3
    error_message = "A batch of sqs_lambda_trigger_batch_size (${var.sqs_lambda_trigger_batch_size}) takes at least ${var.sqs_lambda_trigger_batch_size * local.interval_ms / 1000} s, because each of the invocations that sqs_lambda_trigger_max_concurrency lets run at once has its share of requests_per_second: more than two thirds of functions_timeout (${var.functions_timeout} s). Take smaller batches, a longer timeout, fewer at once or more requests."
  }
}

variable "sqs_lambda_trigger_batch_window" {
  type        = number
  description = "Seconds for which Lambda gathers a batch, 0 to 300; at least 1 for batches of more than 10."
  default     = 20
  nullable    = false

  validation {
    condition     = var.sqs_lambda_trigger_batch_window >= 0 && var.sqs_lambda_trigger_batch_window <= 300 && floor(var.sqs_lambda_trigger_batch_window) == var.sqs_lambda_trigger_batch_window
    error_message = "sqs_lambda_trigger_batch_window is a whole number from 0 to 300 (5 minutes)."
  }
  validation {
    condition     = var.sqs_lambda_trigger_batch_window >= 1 || var.sqs_lambda_trigger_batch_size <= 10
    error_message = "sqs_lambda_trigger_batch_window is at least 1 when sqs_lambda_trigger_batch_size is more than 10: AWS refuses the trigger otherwise."
  }
}

variable "sqs_lambda_trigger_max_concurrency" {
  type        = number
  description = "Most invocations at the same time for each of the two queues, 2 (the least that AWS takes) to 1000. They share requests_per_second: more of them do not ask more, but each less often."
  default     = 2
  nullable    = false

  validation {
    condition     = var.sqs_lambda_trigger_max_concurrency >= 2 && var.sqs_lambda_trigger_max_concurrency <= 1000 && floor(var.sqs_lambda_trigger_max_concurrency) == var.sqs_lambda_trigger_max_concurrency
    error_message = "sqs_lambda_trigger_max_concurrency is a whole number from 2 to 1000."
  }
}

variable "module_default_tags" {
  type        = map(string)
  description = "Tags of every resource that takes tags."
  default     = {}
  nullable    = false
}

variable "schedules" {
  type = object({
    check_and_delete = optional(string, "cron(45 21 * * ? *)")
    dedup            = optional(string, "cron(0 22 * * ? *)")
  })
  description = "When the day starts (check_and_delete) and when it is deduplicated (dedup), as cron expressions in UTC. The defaults, cron(45 21 * * ? *) and cron(0 22 * * ? *), are 18:45 and 19:00 in São Paulo. Both are on the same days of São Paulo, dedup five minutes or more after the start."
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for expression in values(var.schedules) : can(regex(join("", local.cron), expression))])
    error_message = "schedules holds an expression that EventBridge does not take: cron(minute hour day-of-month month day-of-week year), with one minute and one hour, and ? as one of day-of-month and day-of-week, like cron(45 21 * * ? *) or cron(45 21 ? * MON-FRI *)."
  }
  validation {
    condition     = alltrue([for expression in values(var.schedules) : !can(regex(local.cron_never, expression))])
    error_message = "schedules holds a day that never comes, such as the 31st of February."
  }
}

variable "requests_per_second" {
  type        = number
  description = "Most requests a second that all invocations together send to the site, 1 to 1000. Each of those that sqs_lambda_trigger_max_concurrency lets run at once, for both queues, takes its share: with the defaults four of them ask every 550 ms, a tenth more than their share, since a network does not keep distances. Stay polite."
  default     = 8
  nullable    = false

  validation {
    condition     = var.requests_per_second >= 1 && var.requests_per_second <= 1000 && floor(var.requests_per_second) == var.requests_per_second
    error_message = "requests_per_second is a whole number from 1 to 1000."
  }
}

variable "site" {
  type = object({
    url           = optional(string, "https://www.fundamentus.com.br")
    minimum_acoes = optional(number, 500)
    minimum_fiis  = optional(number, 200)
  })
  description = "The site: its address (url, Fundamentus by default), and the numbers of tickers below which a list is taken for broken (minimum_acoes, 500, and minimum_fiis, 200; 1 to 4000)."
  default     = {}
  nullable    = false

  validation {
    condition     = can(regex("^https?://[^\\s/?#]+(/[^\\s?#]*)?$", var.site.url))
    error_message = "site.url is an address that begins with https:// or http://, without spaces, question or fragment."
  }
  validation {
    condition     = !can(regex("^https?://[^/]*@", var.site.url))
    error_message = "site.url has a name or a password, which everybody who sees the functions could read."
  }
  validation {
    condition     = !can(regex("^https?://(localhost|[^/]*\\.localhost)(:[0-9]+)?(/|$)", lower(var.site.url)))
    error_message = "site.url is the function's own computer: nothing answers there."
  }
  validation {
    condition     = alltrue([for minimum in [var.site.minimum_acoes, var.site.minimum_fiis] : minimum >= 1 && minimum <= 4000 && floor(minimum) == minimum])
    error_message = "site.minimum_acoes and site.minimum_fiis are whole numbers from 1 to 4000: a list without tickers is never whole, and one with more than 4000 is refused."
  }
}

variable "message_hours" {
  type        = number
  description = "Hours after its day for which a message is still read for it, 1 to 96. Later, as after a redrive days later, the site shows another day, and the message fails with the cause too_old."
  default     = 12
  nullable    = false

  validation {
    condition     = var.message_hours >= 1 && var.message_hours <= 96 && floor(var.message_hours) == var.message_hours
    error_message = "message_hours is a whole number from 1 to 96."
  }
}

variable "strict" {
  type        = bool
  description = "Whether dedup rejects rows whose figures contradict themselves, with the reason, instead of noting the doubt. A doubt that more than a tenth of the day's tickers share rejects none: then the site has changed, which is a finding."
  default     = false
  nullable    = false
}

variable "whole_share" {
  type        = number
  description = "Share of the tickers of each class that were sent, in whole hundredths from 0.5 to 1, that must be in Spec at the end of a day for the state machine to succeed, even if the others are accounted for."
  default     = 0.9
  nullable    = false

  validation {
    condition     = var.whole_share >= 0.5 && var.whole_share <= 1 && abs(var.whole_share * 100 - floor(var.whole_share * 100 + 0.5)) < 0.000001
    error_message = "whole_share is a number of whole hundredths from 0.5 to 1, like 0.9: a day that lacks half of its tickers is not whole."
  }
}

variable "keep_pages" {
  type        = bool
  description = "Whether every page that was read is kept, also one that could not be used, as `_pages/<table>/anomesdia_exec=<day>/<part>.tar.zst` in the bucket of sor."
  default     = true
  nullable    = false
}

variable "pages_days" {
  type        = number
  description = "Days after which kept pages are deleted. The module then owns the whole lifecycle configuration of the bucket of sor and REPLACES what it has. Null: pages stay, and no lifecycle is touched."
  default     = null

  validation {
    condition     = var.pages_days == null ? true : var.pages_days >= 1 && floor(var.pages_days) == var.pages_days
    error_message = "pages_days is a whole number of days from 1."
  }
  validation {
    condition     = var.pages_days == null || var.keep_pages
    error_message = "pages_days says when kept pages go, and keep_pages = false keeps none."
  }
}

variable "architecture" {
  type        = string
  description = "Processor that the package was built for: arm64 or x86_64."
  default     = "arm64"
  nullable    = false

  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "architecture is arm64 or x86_64."
  }
}

variable "package" {
  type = object({
    path              = optional(string)
    s3_bucket         = optional(string)
    s3_key            = optional(string)
    s3_object_version = optional(string)
  })
  description = "Where the package is: path, or s3_bucket and s3_key in this region, with s3_object_version so that a new one is noticed. By default pynvest-lambda-<architecture>.zip in the folder of the root module."
  default     = {}
  nullable    = false

  validation {
    condition     = (var.package.s3_bucket == null) == (var.package.s3_key == null)
    error_message = "package.s3_bucket and package.s3_key go together."
  }
  validation {
    condition     = var.package.path == null || var.package.s3_bucket == null
    error_message = "package has both a path and an S3 location: give one of them."
  }
  validation {
    condition     = var.package.s3_object_version == null || var.package.s3_bucket != null
    error_message = "package.s3_object_version needs package.s3_bucket and package.s3_key."
  }
}

variable "bucket_notification_mode" {
  type        = string
  description = "How new objects start functions. `managed`: the module owns the whole notification configuration of the buckets of sor and sot and REPLACES what they have. `eventbridge`: rules on the events of buckets for which you have switched EventBridge on; their configuration is not touched. `none`: you add what the output bucket_notifications lists."
  default     = "managed"
  nullable    = false

  validation {
    condition     = contains(["managed", "eventbridge", "none"], var.bucket_notification_mode)
    error_message = "bucket_notification_mode is managed, eventbridge or none."
  }
}

variable "queue_drain" {
  type = object({
    checks         = optional(number, 60)
    seconds        = optional(number, 60)
    settle_seconds = optional(number, 120)
  })
  description = "How the state machine waits for the ticker queues: the number of checks (60), the seconds between them (60), then settle_seconds (120) for the last objects to pass prep and specialize. It deduplicates in any case, and fails at its end if the queues were not drained."
  default     = {}
  nullable    = false

  validation {
    condition     = var.queue_drain.checks >= 1 && var.queue_drain.checks <= 1000 && floor(var.queue_drain.checks) == var.queue_drain.checks
    error_message = "queue_drain.checks is a whole number from 1 to 1000: an execution has room for 25000 events."
  }
  validation {
    condition     = alltrue([for seconds in [var.queue_drain.seconds, var.queue_drain.settle_seconds] : seconds >= 1 && seconds <= 3600 && floor(seconds) == seconds])
    error_message = "queue_drain.seconds and queue_drain.settle_seconds are whole numbers from 1 to 3600."
  }
}

variable "log_level" {
  type        = string
  description = "Least level of log lines: error, warn, info or debug. The line with the counts of a day is at info, or at error if the day is not whole."
  default     = "info"
  nullable    = false

  validation {
    condition     = contains(["error", "warn", "info", "debug"], var.log_level)
    error_message = "log_level is error, warn, info or debug."
  }
}

variable "log_retention_days" {
  type        = number
  description = "Days for which CloudWatch keeps the functions' logs."
  default     = 30
  nullable    = false

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days is one of the numbers that CloudWatch takes: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653."
  }
}

variable "alarm_topic_arns" {
  type        = list(string)
  description = "ARNs of the SNS topics that the four alarms notify, five at most: something is lost, or a day is not whole. Without a topic there are no alarms: nobody is told."
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for topic in var.alarm_topic_arns : can(regex("^arn:[a-z-]+:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]+$", topic))])
    error_message = "alarm_topic_arns has something that is no ARN of an SNS topic, like arn:aws:sns:sa-east-1:111122223333:alarms."
  }
  validation {
    condition     = alltrue([for topic in var.alarm_topic_arns : strcontains(topic, ":sns:${local.region}:")])
    error_message = "alarm_topic_arns has a topic of another region than ${local.region}: alarms notify only those of their own."
  }
  validation {
    condition     = length(var.alarm_topic_arns) <= 5
    error_message = "alarm_topic_arns has more than five topics, the most that an alarm notifies."
  }
}

variable "warning_topic_arns" {
  type        = list(string)
  description = "ARNs of the SNS topics that warnings notify, five at most: failures that are tried again, an alarm `<function>-errors` for each function. Without a topic there are no warnings: what is lost has alarms of its own."
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for topic in var.warning_topic_arns : can(regex("^arn:[a-z-]+:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]+$", topic))])
    error_message = "warning_topic_arns has something that is no ARN of an SNS topic, like arn:aws:sns:sa-east-1:111122223333:warnings."
  }
  validation {
    condition     = alltrue([for topic in var.warning_topic_arns : strcontains(topic, ":sns:${local.region}:")])
    error_message = "warning_topic_arns has a topic of another region than ${local.region}: alarms notify only those of their own."
  }
  validation {
    condition     = length(var.warning_topic_arns) <= 5
    error_message = "warning_topic_arns has more than five topics, the most that an alarm notifies."
  }
}

variable "no_whole_day_hours" {
  type        = number
  description = "Hours without a whole day, which is a success of the state machine, after which the alarm says so, 25 to 168 (a week, the most that CloudWatch looks back). Null: two more than the longest pause between two days of the schedule, which are 26 every day and 74 from Monday to Friday."
  default     = null

  validation {
    condition     = var.no_whole_day_hours == null ? true : var.no_whole_day_hours >= 25 && var.no_whole_day_hours <= 168 && floor(var.no_whole_day_hours) == var.no_whole_day_hours
    error_message = "no_whole_day_hours is a whole number from 25 to 168 (a week)."
  }
}

variable "flag_create_dashboard" {
  type        = bool
  description = "Whether there is a CloudWatch dashboard of the day: its outcome, tickers by class, queues, failures. A dashboard costs USD 3 a month, after the three that an account has free."
  default     = false
  nullable    = false
}

variable "kms_key_arn" {
  type        = string
  description = "ARN of the KMS key that encrypts queues and logs, and that the functions may use for objects in buckets encrypted with it. Its key policy must allow logs.<region>.amazonaws.com. Null: keys that AWS manages."
  default     = null

  validation {
    condition     = var.kms_key_arn == null ? true : can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", var.kms_key_arn))
    error_message = "kms_key_arn is the ARN of a key, like arn:aws:kms:sa-east-1:111122223333:key/1234abcd-…; an alias does not do, because policies name the key."
  }
  validation {
    condition     = var.kms_key_arn == null ? true : strcontains(var.kms_key_arn, ":kms:${local.region}:")
    error_message = "kms_key_arn is a key of another region than ${local.region}: queues and logs take only those of their own."
  }
}

variable "iam_path" {
  type        = string
  description = "Path of the seven roles and nine policies, as in `/data/`. A change of it makes them anew."
  default     = "/"
  nullable    = false

  validation {
    condition     = can(regex("^/([A-Za-z0-9+=,.@_-]+/)*$", var.iam_path)) && length(var.iam_path) <= 512
    error_message = "iam_path begins and ends with a slash, like / or /data/pynvest/, and has at most 512 characters: letters, digits and +=,.@_-."
  }
}

variable "permissions_boundary_arn" {
  type        = string
  description = "ARN of the policy that bounds the seven roles, where an account wants one for every role. It has to allow what the policies do, or the functions are denied it. Null: none."
  default     = null

  validation {
    condition     = var.permissions_boundary_arn == null ? true : can(regex("^arn:[a-z-]+:iam::([0-9]{12}|aws):policy/[A-Za-z0-9+=,.@_/-]+$", var.permissions_boundary_arn))
    error_message = "permissions_boundary_arn is the ARN of a policy, like arn:aws:iam::111122223333:policy/boundary."
  }
}

variable "athena_workgroup" {
  type        = string
  description = "Name of an existing Athena workgroup that receives four saved queries, and five that create views. Null: none of them."
  default     = null

  validation {
    condition     = var.athena_workgroup == null ? true : can(regex("^[A-Za-z0-9._-]{1,128}$", var.athena_workgroup))
    error_message = "athena_workgroup is 1 to 128 letters, digits, dots, hyphens and underscores."
  }
}
