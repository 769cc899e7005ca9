//! The words of SQL that differ from database to database: how rows are read from one JSON text, an array
//! of arrays, and how a text is found whichever letters it is written in.

/// The rows of the JSON text `$1`, each as `value`.
macro_rules! elements {
    () => {
        "jsonb_array_elements($1::jsonb) as element (value)"
    };
}

/// A column of such a row, written as 32 hexadecimal digits.
macro_rules! uuid {
    ($at:literal) => {
        concat!("(value ->> ", $at, ")::uuid")
    };
}

/// A column of such a row, written as a number.
macro_rules! int {
    ($at:literal) => {
        concat!("(value ->> ", $at, ")::bigint")
    };
}

/// A column of such a row, written as a text.
macro_rules! text {
    ($at:literal) => {
        concat!("value ->> ", $at)
    };
}

/// Whether a column holds what a pattern says.
macro_rules! matches_pattern {
    ($column:literal, $pattern:literal) => {
        concat!($column, " ~ cast(", $pattern, " as text)")
    };
}
