//! The codec of the socket protocol.
//!
//! The relay encodes and decodes frames with serde. Browsers parse JSON themselves, far smaller than any parser compiled to
//! wasm, so clients read frames through [`Tree`], a view of an already parsed value, and write them with [`JsonText`].
//! Both sides come from one declaration by the macros below; `tests.rs` holds them to the same bytes.

/// A parsed JSON value, whoever parsed it.
pub trait Tree: Sized {
    /// The member called `name`; `None` when it is absent or null.
    fn field(&self, name: &str) -> Option<Self>;
    fn text(&self) -> Option<String>;
    fn number(&self) -> Option<f64>;
    fn flag(&self) -> Option<bool>;
    fn items(&self) -> Option<Vec<Self>>;
}

/// Reads a value from a [`Tree`]. `None` means the value has the wrong shape.
pub trait FromTree: Sized {
    fn from_tree<T: Tree>(tree: &T) -> Option<Self>;

    /// Reads a member that may be missing. Required values refuse absence.
    fn from_member<T: Tree>(tree: Option<T>) -> Option<Self> {
        Self::from_tree(&tree?)
    }
}

/// Reads the member `name` of an object.
pub fn member<T: Tree, V: FromTree>(tree: &T, name: &str) -> Option<V> {
    V::from_member(tree.field(name))
}

/// Writes itself as JSON text.
pub trait ToText {
    fn write(&self, out: &mut JsonText);
}

/// A JSON text under construction.
#[derive(Default)]
pub struct JsonText {
    text: String,
}

impl JsonText {
    pub fn of(value: &impl ToText) -> String {
        let mut out = Self::default();
        value.write(&mut out);
        out.text
    }

    pub fn open(&mut self) {
        self.text.push('{');
    }

    pub fn close(&mut self) {
        self.text.push('}');
    }

    /// Writes `"name":value`, with the comma it needs.
    pub fn member(&mut self, name: &str, value: &dyn ToText) {
        if !self.text.ends_with('{') {
            self.text.push(',');
        }
        self.string(name);
        self.text.push(':');
        value.write(self);
    }

    pub fn raw(&mut self, text: &str) {
        self.text.push_str(text);
    }

    pub fn string(&mut self, value: &str) {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        self.text.push('"');
        for c in value.chars() {
            match c {
                '"' => self.text.push_str("\\\""),
                '\\' => self.text.push_str("\\\\"),
                '\n' => self.text.push_str("\\n"),
                '\r' => self.text.push_str("\\r"),
                '\t' => self.text.push_str("\\t"),
                c if (c as u32) < 0x20 => {
                    self.text.push_str("\\u00");
                    for nibble in [c as usize >> 4, c as usize & 15] {
                        self.text.push(HEX.get(nibble).map_or('0', |b| *b as char));
                    }
                }
                c => self.text.push(c),
            }
        }
        self.text.push('"');
    }
}

impl FromTree for String {
    fn from_tree<T: Tree>(tree: &T) -> Option<Self> {
        tree.text()
    }
}

impl ToText for String {
    fn write(&self, out: &mut JsonText) {
        out.string(self);
    }
}

impl FromTree for bool {
    fn from_tree<T: Tree>(tree: &T) -> Option<Self> {
        tree.flag()
    }

    fn from_member<T: Tree>(tree: Option<T>) -> Option<Self> {
        tree.map_or(Some(false), |t| t.flag())
    }
}

impl ToText for bool {
    fn write(&self, out: &mut JsonText) {
        out.raw(if *self { "true" } else { "false" });
    }
}

macro_rules! whole_numbers {
    ($($t:ty),*) => {$(
        impl FromTree for $t {
            // JSON numbers are doubles in a browser; counters stay far below 2^53, and anything else reads as a wrong shape.
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, clippy::float_cmp)]
            fn from_tree<T: Tree>(tree: &T) -> Option<Self> {
                let number = tree.number()?;
                let whole = number as $t;
                (whole as f64 == number).then_some(whole)
            }
        }
        impl ToText for $t {
            fn write(&self, out: &mut JsonText) {
                let mut digits = [0_u8; 20];
                let mut rest = *self as u64;
                let mut text = String::new();
                for digit in digits.iter_mut().rev() {
                    *digit = b'0' + (rest % 10) as u8;
                    text.insert(0, *digit as char);
                    rest /= 10;
                    if rest == 0 {
                        break;
                    }
                }
                out.raw(&text);
            }
        }
    )*};
}
whole_numbers!(u64);

impl FromTree for u32 {
    fn from_tree<T: Tree>(tree: &T) -> Option<Self> {
        u64::from_tree(tree)?.try_into().ok()
    }
}

impl ToText for u32 {
    fn write(&self, out: &mut JsonText) {
        u64::from(*self).write(out);
    }
}

impl<V: FromTree> FromTree for Option<V> {
    fn from_tree<T: Tree>(tree: &T) -> Option<Self> {
        V::from_tree(tree).map(Some)
    }

    fn from_member<T: Tree>(tree: Option<T>) -> Option<Self> {
        match tree {
            None => Some(None),
            Some(tree) => V::from_tree(&tree).map(Some),
        }
    }
}

impl<V: ToText> ToText for Option<V> {
    fn write(&self, out: &mut JsonText) {
        match self {
            None => out.raw("null"),
            Some(value) => value.write(out),
        }
    }
}

impl<V: FromTree> FromTree for Vec<V> {
    fn from_tree<T: Tree>(tree: &T) -> Option<Self> {
        tree.items()?.iter().map(V::from_tree).collect()
    }

    fn from_member<T: Tree>(tree: Option<T>) -> Option<Self> {
        tree.map_or(Some(Self::new()), |t| Self::from_tree(&t))
    }
}

impl<V: ToText> ToText for Vec<V> {
    fn write(&self, out: &mut JsonText) {
        out.raw("[");
        for (index, value) in self.iter().enumerate() {
            if index > 0 {
                out.raw(",");
            }
            value.write(out);
        }
        out.raw("]");
    }
}

#[cfg(feature = "serde")]
impl Tree for serde_json::Value {
    fn field(&self, name: &str) -> Option<Self> {
        self.get(name).filter(|v| !v.is_null()).cloned()
    }

    fn text(&self) -> Option<String> {
        self.as_str().map(str::to_owned)
    }

    fn number(&self) -> Option<f64> {
        self.as_f64()
    }

    fn flag(&self) -> Option<bool> {
        self.as_bool()
    }

    fn items(&self) -> Option<Vec<Self>> {
        self.as_array().cloned()
    }
}

/// Declares an object of the protocol with every codec it needs. Unknown members are ignored on read.
macro_rules! wire_struct {
    ($(#[$meta:meta])* pub struct $name:ident { $($(#[$field_meta:meta])* pub $field:ident : $ty:ty),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub struct $name { $($(#[$field_meta])* pub $field: $ty),* }

        impl $crate::wire::FromTree for $name {
            fn from_tree<T: $crate::wire::Tree>(tree: &T) -> Option<Self> {
                Some(Self { $($field: $crate::wire::member(tree, stringify!($field))?),* })
            }
        }

        impl $crate::wire::Members for $name {
            fn write_members(&self, out: &mut $crate::wire::JsonText) {
                $(out.member(stringify!($field), &self.$field);)*
            }
        }

        impl $crate::wire::ToText for $name {
            fn write(&self, out: &mut $crate::wire::JsonText) {
                out.open();
                $crate::wire::Members::write_members(self, out);
                out.close();
            }
        }
    };
}

/// Writes the members of an object without its braces, so that a tag can stand before them.
pub trait Members {
    fn write_members(&self, out: &mut JsonText);
}

/// Declares a closed set of objects told apart by a tag member.
macro_rules! wire_enum {
    ($(#[$meta:meta])* tag $tag:literal; pub enum $name:ident { $($(#[$variant_meta:meta])* $text:literal => $variant:ident($inner:ty)),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        #[cfg_attr(feature = "serde", serde(tag = $tag))]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub enum $name {
            $($(#[$variant_meta])* #[cfg_attr(feature = "serde", serde(rename = $text))] $variant($inner)),*
        }

        impl $crate::wire::FromTree for $name {
            fn from_tree<T: $crate::wire::Tree>(tree: &T) -> Option<Self> {
                let tag: String = $crate::wire::member(tree, $tag)?;
                match tag.as_str() {
                    $($text => <$inner as $crate::wire::FromTree>::from_tree(tree).map(Self::$variant),)*
                    _ => None,
                }
            }
        }

        impl $crate::wire::ToText for $name {
            fn write(&self, out: &mut $crate::wire::JsonText) {
                out.open();
                match self {
                    $(Self::$variant(inner) => {
                        out.member($tag, &String::from($text));
                        $crate::wire::Members::write_members(inner, out);
                    })*
                }
                out.close();
            }
        }
    };
}

/// Declares a closed set of words.
macro_rules! wire_words {
    ($(#[$meta:meta])* pub enum $name:ident { $($(#[$variant_meta:meta])* $text:literal => $variant:ident),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub enum $name { $($(#[$variant_meta])* #[cfg_attr(feature = "serde", serde(rename = $text))] $variant),* }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word as it stands on the wire and in the store.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }

            /// The value a word stands for, `None` for any other word.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($text => Some(Self::$variant),)* _ => None }
            }
        }

        impl $crate::wire::FromTree for $name {
            fn from_tree<T: $crate::wire::Tree>(tree: &T) -> Option<Self> {
                Self::from_word(&tree.text()?)
            }
        }

        impl $crate::wire::ToText for $name {
            fn write(&self, out: &mut $crate::wire::JsonText) {
                out.string(self.word());
            }
        }
    };
}

pub(crate) use {wire_enum, wire_struct, wire_words};
