//! S3: objects, listed, read, written and deleted.

use std::fmt;

use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use aws_types::SdkConfig;
use chrono::NaiveDate;
use pynvest::lake::pipeline::{KeptColumns, Key, Sidecar};
use pynvest::lake::{Batch, Layer, Table};
use pynvest::record::one_or_many;

use crate::catalog::{Catalog, of};
use crate::error::Error;

/// Retries of an object that S3 denies although it exists.
const DENIALS: usize = 3;
/// As many objects as S3 deletes at once.
const DELETED_AT_ONCE: usize = 1_000;

/// Buckets and databases are those of SoR, SoT and Spec.
#[derive(Debug)]
pub(crate) struct Lake {
    s3: aws_sdk_s3::Client,
    catalog: Catalog,
    buckets: [String; 3],
}

/// An object as it was when it was listed or read.
#[derive(Debug, Clone)]
pub(crate) struct Object {
    pub(crate) key: String,
    /// Its content; with it, only that content is deleted.
    e_tag: Option<String>,
    /// Its columns that the table has not, if it was read: whoever writes its rows again writes those as well.
    pub(crate) kept: KeptColumns,
}

impl Object {
    pub(crate) fn is_compacted(&self) -> bool {
        Key::is_compacted(&self.key)
    }
}

/// The objects in a partition of a table.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Objects that may have rows.
    pub(crate) rows: Vec<Object>,
    /// The keys of what is no part of the table: markers of folders, `_SUCCESS`, notes. Query engines read of them neither.
    pub(crate) foreign: Vec<String>,
}

impl Found {
    /// The addresses of foreign objects; the log names each of them.
    pub(crate) fn foreign_places(&self, lake: &Lake, table: &Table) -> Vec<String> {
        let places = self.foreign.iter().map(|key| lake.location(table.layer, key));
        places.inspect(|place| tracing::warn!(object = place, "left a foreign object alone")).collect()
    }
}

/// Whether an object may hold rows, by what follows the prefix of its partition.
fn may_hold_rows(rest: &str) -> bool {
    rest.ends_with(".parquet") && !rest.split('/').any(|level| level.starts_with(['_', '.']))
}

impl Lake {
    pub(crate) fn new(sdk: &SdkConfig, buckets: [String; 3], databases: [String; 3]) -> Self {
        Self { s3: aws_sdk_s3::Client::new(sdk), catalog: Catalog::new(sdk, databases), buckets }
    }

    pub(crate) fn bucket(&self, layer: Layer) -> &str {
        of(layer, &self.buckets)
    }

    /// The address of a key or of a prefix, as people write it.
    pub(crate) fn location(&self, layer: Layer, key: impl fmt::Display) -> String {
        format!("s3://{}/{key}", self.bucket(layer))
    }

    /// All objects in a partition.
    pub(crate) async fn objects(&self, table: &Table, day: NaiveDate) -> Result<Found, Error> {
        let prefix = table.prefix(day);
        let mut found = Found::default();
        for object in self.listed(table.layer, &prefix).await? {
            match object.key.strip_prefix(&prefix).is_some_and(may_hold_rows) {
                true => found.rows.push(object),
                false => found.foreign.push(object.key),
            }
        }
        Ok(found)
    }

    /// The rows that a day has in its compacted object; `None` if there is none.
    pub(crate) async fn compacted(
        &self,
        table: &'static Table,
        day: NaiveDate,
    ) -> Result<Option<Batch>, Error> {
        let key = Key::compacted(table, day).to_string();
        if !self.is_there(table.layer, &key).await? {
            return Ok(None);
        }
        Ok(self.read(table, &key).await?.map(|(batch, _)| batch))
    }

    /// Whether there is such an object. Asked for by listing: of one that is not there, S3 denies the reading.
    async fn is_there(&self, layer: Layer, key: &str) -> Result<bool, Error> {
        Ok(self.listed(layer, key).await?.iter().any(|object| object.key == key))
    }

    /// The bytes of an object that may not be there.
    pub(crate) async fn found(&self, layer: Layer, key: &str) -> Result<Option<Vec<u8>>, Error> {
        if !self.is_there(layer, key).await? {
            return Ok(None);
        }
        Ok(self.get(layer, key).await?.map(|(bytes, _)| bytes))
    }

    /// The sidecars of a partition that are of this kind.
    pub(crate) async fn sidecars(
        &self,
        what: Sidecar,
        table: &Table,
        day: NaiveDate,
    ) -> Result<Vec<Object>, Error> {
        self.listed(table.layer, &what.prefix(table, day)).await
    }

    /// All objects under a prefix.
    pub(crate) async fn listed(&self, layer: Layer, prefix: &str) -> Result<Vec<Object>, Error> {
        let mut pages =
            self.s3.list_objects_v2().bucket(self.bucket(layer)).prefix(prefix).into_paginator().send();
        let mut objects = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| s3(format!("list {}", self.location(layer, prefix)), error))?;
            let found = page.contents.unwrap_or_default().into_iter();
            objects.extend(found.filter_map(|object| {
                Some(Object { key: object.key?, e_tag: object.e_tag, kept: KeptColumns::default() })
            }));
        }
        Ok(objects)
    }

    /// The rows of an object, and the object as it was then; `None` if it is gone.
    pub(crate) async fn read(
        &self,
        table: &'static Table,
        key: &str,
    ) -> Result<Option<(Batch, Object)>, Error> {
        let Some((bytes, mut object)) = self.get(table.layer, key).await? else { return Ok(None) };
        let doing = || format!("{} cannot be read", self.location(table.layer, key));
        let (rows, kept) = Batch::from_parquet_keeping(table, bytes)
            .map_err(|source| Error::Pynvest { doing: doing(), source })?;
        object.kept = kept;
        Ok(Some((rows, object)))
    }

    /// The bytes of an object, and the object as it was then; `None` if it is gone.
    pub(crate) async fn get(&self, layer: Layer, key: &str) -> Result<Option<(Vec<u8>, Object)>, Error> {
        let location = self.location(layer, key);
        let mut denials = 0;
        let answer = loop {
            let asked = self.s3.get_object().bucket(self.bucket(layer)).key(key).send().await;
            match asked {
                Err(error) if error.code() == Some("NoSuchKey") => return Ok(None),
                // To those who may not list a whole bucket, S3 denies what is gone; who may list by prefix looks there.
                // It was written since, or is really denied.
                Err(error) if error.code() == Some("AccessDenied") && denials < DENIALS => {
                    denials += 1;
                    match self.listed(layer, key).await {
                        Ok(found) if found.iter().all(|object| object.key != key) => return Ok(None),
                        Ok(_) => {}
                        Err(_) => return Err(s3(format!("read {location}"), error)),
                    }
                }
                answer => break answer.map_err(|error| s3(format!("read {location}"), error))?,
            }
        };
        let object = Object { key: key.to_owned(), e_tag: answer.e_tag, kept: KeptColumns::default() };
        let bytes =
            answer.body.collect().await.map_err(|error| s3(format!("read all of {location}"), error))?;
        Ok(Some((bytes.to_vec(), object)))
    }

    /// Writes a part, over the one that may be there, and makes its partition known.
    pub(crate) async fn write(&self, key: &Key, batch: &Batch) -> Result<(), Error> {
        let location = self.location(key.table.layer, key);
        let request = self.s3.put_object().bucket(self.bucket(key.table.layer)).key(key.to_string());
        let body = ByteStream::from(parquet(&location, batch)?);
        request.body(body).send().await.map_err(|error| s3(format!("write {location}"), error))?;
        self.register(key.table, key.day).await
    }

    /// Puts the compacted object of a partition in the place of the one that was `read`, or where none was, with the unknown columns
    /// of what was read. Says `false`, and writes nothing, if another run was faster.
    pub(crate) async fn compact(
        &self,
        batch: &Batch,
        day: NaiveDate,
        read: Option<&Object>,
        kept: &KeptColumns,
    ) -> Result<bool, Error> {
        let key = Key::compacted(batch.table, day);
        let location = self.location(batch.table.layer, &key);
        let request = self.s3.put_object().bucket(self.bucket(batch.table.layer)).key(key.to_string());
        let request = match read {
            Some(read) => request.set_if_match(read.e_tag.clone()),
            None => request.if_none_match("*"),
        };
        let bytes = batch.to_parquet_with(kept);
        let bad = |source| Error::Pynvest { doing: format!("{location} cannot be made"), source };
        let body = ByteStream::from(bytes.map_err(bad)?);
        match request.body(body).send().await {
            Ok(_) => Ok(true),
            Err(error) if error.code().is_some_and(changed_meanwhile) => Ok(false),
            Err(error) => Err(s3(format!("write {location}"), error)),
        }
    }

    /// Replaces the lines of a sidecar. Writes nothing if there are no lines, before or now. Gives the address if it wrote.
    pub(crate) async fn leave_lines(
        &self,
        layer: Layer,
        key: &str,
        lines: String,
    ) -> Result<Option<String>, Error> {
        if lines.is_empty() && !self.is_there(layer, key).await? {
            return Ok(None);
        }
        self.leave(layer, key, lines.into_bytes(), "application/jsonl").await.map(Some)
    }

    /// Writes a sidecar of a table, in the bucket of its layer. Gives its address.
    pub(crate) async fn leave(
        &self,
        layer: Layer,
        key: &str,
        bytes: Vec<u8>,
        content_type: &str,
    ) -> Result<String, Error> {
        let location = self.location(layer, key);
        let request = self.s3.put_object().bucket(self.bucket(layer)).key(key).content_type(content_type);
        let sent = request.body(ByteStream::from(bytes)).send().await;
        sent.map_err(|error| s3(format!("write {location}"), error))?;
        Ok(location)
    }

    /// Deletes objects. What has been written again since it was `read` stays; how many were deleted is the answer.
    pub(crate) async fn delete_read(&self, layer: Layer, objects: &[Object]) -> Result<usize, Error> {
        self.delete(layer, objects, |object| object.e_tag.clone()).await
    }

    /// Deletes objects whatever they hold by now.
    pub(crate) async fn delete_all(&self, layer: Layer, objects: &[Object]) -> Result<usize, Error> {
        self.delete(layer, objects, |_| None).await
    }

    async fn delete(
        &self,
        layer: Layer,
        objects: &[Object],
        e_tag: impl Fn(&Object) -> Option<String>,
    ) -> Result<usize, Error> {
        let mut kept = 0;
        for some in objects.chunks(DELETED_AT_ONCE) {
            let noun = one_or_many(some.len(), "object", "objects");
            let doing = || format!("delete {} {noun} of {}", some.len(), self.location(layer, ""));
            let identified = some
                .iter()
                .map(|object| ObjectIdentifier::builder().key(&object.key).set_e_tag(e_tag(object)).build());
            let identified = identified.collect::<Result<Vec<_>, _>>().map_err(|error| s3(doing(), error))?;
            let delete = Delete::builder().set_objects(Some(identified)).quiet(true).build();
            let delete = delete.map_err(|error| s3(doing(), error))?;
            let request = self.s3.delete_objects().bucket(self.bucket(layer)).delete(delete);
            let answer = request.send().await.map_err(|error| s3(doing(), error))?;
            for failure in answer.errors.unwrap_or_default() {
                if failure.code().is_some_and(changed_meanwhile) {
                    kept += 1;
                    continue;
                }
                let key = failure.key().unwrap_or_default();
                let reason = format!(
                    "{}: {}",
                    failure.code().unwrap_or_default(),
                    failure.message().unwrap_or_default()
                );
                return Err(s3(format!("delete {}", self.location(layer, key)), reason));
            }
        }
        Ok(objects.len() - kept)
    }

    /// Makes a partition known to the catalogue.
    pub(crate) async fn register(&self, table: &Table, day: NaiveDate) -> Result<(), Error> {
        self.catalog.register(table, day, self.location(table.layer, table.prefix(day))).await
    }

    /// Takes a partition out of the catalogue; whether it was there is the answer.
    pub(crate) async fn unregister(&self, table: &Table, day: NaiveDate) -> Result<bool, Error> {
        self.catalog.unregister(table, day).await
    }
}

/// Whether S3 says that an object is no longer what the request supposes: another, in the making, or gone.
fn changed_meanwhile(code: &str) -> bool {
    matches!(code, "PreconditionFailed" | "ConditionalRequestConflict" | "NoSuchKey")
}

fn parquet(location: &str, batch: &Batch) -> Result<Vec<u8>, Error> {
    batch
        .to_parquet()
        .map_err(|source| Error::Pynvest { doing: format!("{location} cannot be made"), source })
}

fn s3(doing: String, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::Aws { service: "S3", doing, source: source.into() }
}
