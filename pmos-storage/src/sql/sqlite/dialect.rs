//! The words of SQL that differ from database to database: how rows are read from one JSON text, an array
//! of arrays, and how a text is found whichever letters it is written in.

/// The rows of the JSON text `$1`, each as `value`; in the binary form, which is not parsed anew for every column.
macro_rules! elements {
    () => {
        "jsonb_each($1)"
    };
}

/// A column of such a row, written as 32 hexadecimal digits.
macro_rules! uuid {
    ($at:literal) => {
        concat!("unhex(value ->> ", $at, ")")
    };
}

/// A column of such a row, written as a number.
macro_rules! int {
    ($at:literal) => {
        concat!("value ->> ", $at)
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
        concat!($column, " regexp ", $pattern)
    };
}
