//! The elements and attributes that mean something to a roster.

use quick_xml::XmlVersion;
use quick_xml::events::BytesStart;

use super::pull::is_xml;

macro_rules! tags {
    ($($variant:ident = $name:literal,)*) => {
        /// An element by its name.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub(super) enum Tag { $($variant,)* Unknown }

        impl Tag {
            pub(super) fn of(name: &str) -> Tag {
                match name { $($name => Tag::$variant,)* _ => Tag::Unknown }
            }
        }
    };
}

tags! {
    Adminperiod = "adminperiod",
    Begin = "begin",
    Datasource = "datasource",
    Datetime = "datetime",
    Description = "description",
    Email = "email",
    End = "end",
    Enterprise = "enterprise",
    Extension = "extension",
    Family = "family",
    Fn = "fn",
    Given = "given",
    Group = "group",
    Grouptype = "grouptype",
    Id = "id",
    Idtype = "idtype",
    Institutionrole = "institutionrole",
    Label = "label",
    Long = "long",
    Member = "member",
    Membership = "membership",
    N = "n",
    Name = "name",
    Person = "person",
    Properties = "properties",
    Relationship = "relationship",
    Relationshiptype = "relationshiptype",
    Role = "role",
    Scheme = "scheme",
    Short = "short",
    Source = "source",
    Sourcedid = "sourcedid",
    Status = "status",
    Tel = "tel",
    Timeframe = "timeframe",
    Type = "type",
    Typevalue = "typevalue",
    Userid = "userid",
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
            /// Whether there are any.
            some: bool,
        }

        impl Attributes {
            fn clear(&mut self) {
                if std::mem::take(&mut self.some) {
                    $(self.$field.clear();)*
                    self.unknown = false;
                }
            }

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
    /// Reads the attributes of an element; `false` when they break the rules of XML.
    pub(super) fn read(&mut self, start: &BytesStart<'_>) -> bool {
        self.clear();
        if start.attributes_raw().trim().is_empty() {
            return true;
        }
        self.some = true;
        for attribute in start.attributes() {
            let Ok(attribute) = attribute else { return false };
            if attribute.value.contains('<') {
                return false;
            }
            let Ok(value) = attribute.normalized_value(XmlVersion::Implicit1_0) else {
                return false;
            };
            if !is_xml(value.as_bytes()) {
                return false;
            }
            if let Some(field) = self.field(attribute.key.as_ref()) {
                field.push_str(&value);
            } else {
                self.unknown = true;
            }
        }
        true
    }
}
