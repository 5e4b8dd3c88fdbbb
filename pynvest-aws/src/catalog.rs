//! Glue: the partitions of the tables.

use aws_sdk_glue::types::{PartitionInput, StorageDescriptor};
use aws_types::SdkConfig;
use chrono::NaiveDate;
use pynvest::lake::pipeline::partition;
use pynvest::lake::{Layer, Table};

use crate::error::Error;

/// Databases are those of SoR, SoT and Spec.
#[derive(Debug)]
pub(crate) struct Catalog {
    glue: aws_sdk_glue::Client,
    databases: [String; 3],
}

impl Catalog {
    pub(crate) fn new(sdk: &SdkConfig, databases: [String; 3]) -> Self {
        Self { glue: aws_sdk_glue::Client::new(sdk), databases }
    }

    /// Makes a partition known, at its location and as its table stores it. One that is known and differs, as one from before a column
    /// was appended or one that was altered by hand, is brought up to its table.
    pub(crate) async fn register(
        &self,
        table: &Table,
        day: NaiveDate,
        location: String,
    ) -> Result<(), Error> {
        let database = of(table.layer, &self.databases);
        let known = self.glue.get_table().database_name(database).name(table.name).send().await;
        let known = known.map_err(|error| glue(format!("describe {database}.{}", table.name), error))?;
        let mut storage = known.table.and_then(|table| table.storage_descriptor);
        if let Some(storage) = &mut storage {
            storage.location = Some(location);
        }
        let day = partition(day).to_string();
        let input = PartitionInput::builder().values(&day).set_storage_descriptor(storage.clone()).build();
        let request = self.glue.create_partition().database_name(database).table_name(table.name);
        match request.partition_input(input).send().await {
            Err(error)
                if error.as_service_error().is_some_and(|error| error.is_already_exists_exception()) =>
            {
                self.bring_up(table, database, &day, storage).await
            }
            answer => answer.map(|_| ()).map_err(|error| {
                glue(format!("register partition {day} of {database}.{}", table.name), error)
            }),
        }
    }

    /// Changes a partition that is not stored as its table.
    async fn bring_up(
        &self,
        table: &Table,
        database: &str,
        day: &str,
        storage: Option<StorageDescriptor>,
    ) -> Result<(), Error> {
        let name = format!("partition {day} of {database}.{}", table.name);
        let request = self.glue.get_partition().database_name(database).table_name(table.name);
        let known = request.partition_values(day).send().await;
        let known = match known {
            // Somebody has taken it out meanwhile, and the next write registers it.
            Err(error)
                if error.as_service_error().is_some_and(|error| error.is_entity_not_found_exception()) =>
            {
                return Ok(());
            }
            known => known.map_err(|error| glue(format!("describe {name}"), error))?.partition,
        };
        let Some(known) = known else { return Ok(()) };
        if known.storage_descriptor.as_ref().map(form) == storage.as_ref().map(form) {
            return Ok(());
        }
        tracing::warn!(table = table.name, day, "the partition was not stored as its table says, and is now");
        // What else was set on it by hand stays.
        let input = PartitionInput::builder()
            .values(day)
            .set_parameters(known.parameters)
            .set_storage_descriptor(storage)
            .build();
        let request = self.glue.update_partition().database_name(database).table_name(table.name);
        let updated = request.partition_value_list(day).partition_input(input).send().await;
        updated.map(drop).map_err(|error| glue(format!("change {name}"), error))
    }

    /// Takes a partition out; whether it was there is the answer.
    pub(crate) async fn unregister(&self, table: &Table, day: NaiveDate) -> Result<bool, Error> {
        let (database, day) = (of(table.layer, &self.databases), partition(day).to_string());
        let request = self.glue.delete_partition().database_name(database).table_name(table.name);
        match request.partition_values(&day).send().await {
            Err(error)
                if error.as_service_error().is_some_and(|error| error.is_entity_not_found_exception()) =>
            {
                Ok(false)
            }
            answer => answer
                .map(|_| true)
                .map_err(|error| glue(format!("remove partition {day} of {database}.{}", table.name), error)),
        }
    }
}

/// What query engines go by: place, columns with their types, and format.
fn form(storage: &StorageDescriptor) -> impl PartialEq {
    let columns =
        storage.columns().iter().map(|column| (column.name().to_owned(), column.r#type().map(str::to_owned)));
    let serde = storage.serde_info().and_then(|serde| serde.serialization_library());
    (
        storage.location().map(|location| location.trim_end_matches('/').to_owned()),
        columns.collect::<Vec<_>>(),
        storage.input_format().map(str::to_owned),
        storage.output_format().map(str::to_owned),
        serde.map(str::to_owned),
    )
}

fn glue(doing: String, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::Aws { service: "Glue", doing, source: source.into() }
}

/// The bucket or database of a layer.
pub(crate) fn of(layer: Layer, [sor, sot, spec]: &[String; 3]) -> &str {
    match layer {
        Layer::Sor => sor,
        Layer::Sot => sot,
        Layer::Spec => spec,
    }
}
