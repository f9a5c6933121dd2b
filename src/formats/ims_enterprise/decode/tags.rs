//! The elements and attributes that mean something to a roster.

use quick_xml::XmlVersion;
use quick_xml::events::BytesStart;

use super::input::first_forbidden;

macro_rules! tags {
    ($($variant:ident = $name:literal,)*) => {
        /// An element by its name.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub(super) enum Tag { $($variant,)* Unknown }

        impl Tag {
            /// The element of a name; matched as bytes, which the compiler sorts into a tree.
            pub(super) fn of(name: &[u8]) -> Tag {
                match name { $($name => Tag::$variant,)* _ => Tag::Unknown }
            }
        }
    };
}

tags! {
    Adminperiod = b"adminperiod",
    Begin = b"begin",
    Datasource = b"datasource",
    Datetime = b"datetime",
    Description = b"description",
    Email = b"email",
    End = b"end",
    Enterprise = b"enterprise",
    Extension = b"extension",
    Family = b"family",
    Fn = b"fn",
    Given = b"given",
    Group = b"group",
    Grouptype = b"grouptype",
    Id = b"id",
    Idtype = b"idtype",
    Institutionrole = b"institutionrole",
    Label = b"label",
    Long = b"long",
    Member = b"member",
    Membership = b"membership",
    N = b"n",
    Name = b"name",
    Person = b"person",
    Properties = b"properties",
    Relationship = b"relationship",
    Relationshiptype = b"relationshiptype",
    Role = b"role",
    Scheme = b"scheme",
    Short = b"short",
    Source = b"source",
    Sourcedid = b"sourcedid",
    Status = b"status",
    Tel = b"tel",
    Timeframe = b"timeframe",
    Type = b"type",
    Typevalue = b"typevalue",
    Userid = b"userid",
}

impl Tag {
    /// Whether the element holds others and no text.
    pub(super) fn holds_elements(self) -> bool {
        matches!(
            self,
            Tag::Description
                | Tag::Enterprise
                | Tag::Group
                | Tag::Grouptype
                | Tag::Member
                | Tag::Membership
                | Tag::N
                | Tag::Name
                | Tag::Person
                | Tag::Properties
                | Tag::Relationship
                | Tag::Role
                | Tag::Sourcedid
                | Tag::Timeframe
        )
    }
}

macro_rules! attributes {
    ($($field:ident,)*) => {
        /// The attributes of one element; empty when it has none.
        #[derive(Default)]
        pub(super) struct Attributes {
            $(pub(super) $field: String,)*
            /// Whether there are others.
            pub(super) unknown: bool,
        }

        impl Attributes {
            fn field(&mut self, name: &str) -> Option<&mut String> {
                match name { $(stringify!($field) => Some(&mut self.$field),)* _ => None }
            }
        }
    };
}

attributes! {
    institutionroletype,
    level,
    primaryrole,
    recstatus,
    relation,
    roletype,
    sourcedidtype,
    teltype,
    useridtype,
    xmlns,
}

impl Attributes {
    /// The attributes of an element; `None` when they break the rules of XML.
    pub(super) fn of(start: &BytesStart<'_>) -> Option<Self> {
        let mut read = Attributes::default();
        for attribute in start.attributes() {
            let attribute = attribute.ok()?;
            let value = attribute.normalized_value(XmlVersion::Implicit1_0).ok()?;
            if attribute.value.contains('<') || first_forbidden(value.as_bytes()).is_some() {
                return None;
            }
            match read.field(attribute.key.as_ref()) {
                Some(field) => field.push_str(&value),
                None => read.unknown = true,
            }
        }
        Some(read)
    }
}
