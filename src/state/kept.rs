//! A value of another room, kept as JSON so that an old entry stays readable when the type grows.

use std::fmt;
use std::marker::PhantomData;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A `T` as it was written down.
///
/// The ledger outlives the program that wrote it: an entry from last year must not make the whole
/// history unreadable because `T` has a new field since.
pub struct Kept<T> {
    json: serde_json::Value,
    what: PhantomData<fn() -> T>,
}

impl<T: Serialize + DeserializeOwned> Kept<T> {
    /// Keeps `value`.
    ///
    /// # Panics
    /// When `T` cannot be JSON (a map whose keys are not text).
    #[must_use]
    pub fn of(value: &T) -> Self {
        let json = serde_json::to_value(value).expect("what is kept is plain data");
        Self { json, what: PhantomData }
    }

    /// The value, or `None` when today's type no longer reads what was written then.
    #[must_use]
    pub fn read(&self) -> Option<T> {
        T::deserialize(&self.json).ok()
    }

    /// What was written.
    #[must_use]
    pub fn json(&self) -> &serde_json::Value {
        &self.json
    }
}

impl<T> Clone for Kept<T> {
    fn clone(&self) -> Self {
        Self { json: self.json.clone(), what: PhantomData }
    }
}

impl<T> PartialEq for Kept<T> {
    fn eq(&self, other: &Self) -> bool {
        self.json == other.json
    }
}

impl<T> Eq for Kept<T> {}

impl<T> fmt::Debug for Kept<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.json)
    }
}

impl<T> Serialize for Kept<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.json.serialize(to)
    }
}

impl<'de, T> Deserialize<'de> for Kept<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(Self { json: serde_json::Value::deserialize(from)?, what: PhantomData })
    }
}
