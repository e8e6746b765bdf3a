//! The JSON Schema of what a command takes and returns, wherever its type has one.
//!
//! Asked for by macro-generated code for any type: one without a schema gives none, and is no error. The compiler takes the first
//! trait here that fits, from the outermost reference inwards.

use std::marker::PhantomData;

use serde_json::Value;

/// The type whose schema is asked for.
pub struct SchemaOf<T>(pub PhantomData<T>);

impl<T> SchemaOf<T> {
    /// The question.
    #[allow(clippy::new_without_default, reason = "only generated code asks")]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

/// The way of a `Result`: the schema of its value.
#[cfg(feature = "schema")]
pub trait OfResult {
    /// The schema, if there is one.
    fn schema(&self) -> Option<Value>;
}

#[cfg(feature = "schema")]
impl<T: schemars::JsonSchema, E> OfResult for &&SchemaOf<Result<T, E>> {
    fn schema(&self) -> Option<Value> {
        Some(written::<T>())
    }
}

/// The way of every other type that has one.
#[cfg(feature = "schema")]
pub trait OfValue {
    /// The schema, if there is one.
    fn schema(&self) -> Option<Value>;
}

#[cfg(feature = "schema")]
impl<T: schemars::JsonSchema> OfValue for &SchemaOf<T> {
    fn schema(&self) -> Option<Value> {
        Some(written::<T>())
    }
}

/// The way of those that have none.
pub trait OfAnything {
    /// The schema, if there is one.
    fn schema(&self) -> Option<Value>;
}

impl<T> OfAnything for SchemaOf<T> {
    fn schema(&self) -> Option<Value> {
        None
    }
}

#[cfg(feature = "schema")]
fn written<T: schemars::JsonSchema>() -> Value {
    schemars::generate::SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>().to_value()
}

#[cfg(all(test, feature = "schema"))]
#[allow(clippy::needless_borrow, reason = "as generated code asks, whatever the type is")]
mod tests {
    use super::*;

    struct Silent;

    #[test]
    fn a_type_has_its_schema_a_result_that_of_its_value_and_others_none() {
        let number = (&&&SchemaOf::<u8>::new()).schema().unwrap();
        assert_eq!(number["type"], "integer");
        let text = (&&&SchemaOf::<crate::Result<String>>::new()).schema().unwrap();
        assert_eq!(text["type"], "string");
        assert_eq!((&&&SchemaOf::<Silent>::new()).schema(), None);
        assert_eq!((&&&SchemaOf::<crate::Result<Silent>>::new()).schema(), None);
    }
}
