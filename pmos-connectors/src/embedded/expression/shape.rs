//! What is known of an expression before it computes: what it names, and whether it may come to nothing.

use minijinja::machinery::ast::{BinOpKind, CompareOpKind, Expr, UnaryOpKind};

use super::{
    Fault,
    filters::{guarded, is_filter},
    language::{is_test, operators},
};

/// Where a filter names another filter or a test among its arguments.
#[derive(Clone, Copy)]
pub(super) struct Named {
    pub(super) at: usize,
    pub(super) filter: bool,
}

pub(super) fn named_in(filter: &str) -> Option<Named> {
    match filter {
        "map" => Some(Named { at: 0, filter: true }),
        "select" | "reject" => Some(Named { at: 0, filter: false }),
        "selectattr" | "rejectattr" => Some(Named { at: 1, filter: false }),
        _ => None,
    }
}

/// The name of a filter or test that another filter uses: it is looked up now.
pub(super) fn name_of(expr: &Expr<'_>, named: Named) -> Result<String, Fault> {
    let name = match expr {
        Expr::Const(constant) => constant.value.as_str(),
        _ => None,
    };
    match name {
        Some(name) if named.filter && is_filter(name) => Ok(format!("'{}'", guarded(name))),
        Some(name) if !named.filter && is_test(name) => Ok(format!("'{name}'")),
        Some(name) => {
            let what = if named.filter { "filter" } else { "test" };
            Err(Fault(format!("there is no {what} `{name}`")))
        }
        None => Err(Fault("the name of a filter or test stands in quotes".to_owned())),
    }
}

/// Filters that take a part of a value, as a path does.
pub(super) fn in_path(filter: &str) -> bool {
    matches!(filter, "first" | "last" | "attr" | "default" | "d")
}

/// Whether it is a path with its keys written out.
pub(super) fn is_plain(expr: &Expr<'_>) -> bool {
    match expr {
        Expr::Var(_) => true,
        Expr::GetAttr(get) => is_plain(&get.expr),
        Expr::GetItem(get) => is_plain(&get.expr) && is_literal(&get.subscript_expr),
        _ => false,
    }
}

pub(super) fn is_literal(key: &Expr<'_>) -> bool {
    match key {
        Expr::Const(_) => true,
        Expr::UnaryOp(unary) => matches!(unary.op, UnaryOpKind::Neg) && matches!(unary.expr, Expr::Const(_)),
        _ => false,
    }
}

pub(super) fn may_be_missing(expr: &Expr<'_>) -> bool {
    match expr {
        Expr::GetAttr(_) | Expr::GetItem(_) => true,
        Expr::IfExpr(choice) => choice.false_expr.is_none(),
        Expr::Filter(filter) => in_path(filter.name) || matches!(filter.name, "min" | "max"),
        _ => false,
    }
}

pub(super) fn operator_of(operator: BinOpKind) -> (&'static str, &'static str) {
    match operator {
        BinOpKind::Eq => (operators::COMPARE, "=="),
        BinOpKind::Ne => (operators::COMPARE, "!="),
        BinOpKind::Lt => (operators::COMPARE, "<"),
        BinOpKind::Lte => (operators::COMPARE, "<="),
        BinOpKind::Gt => (operators::COMPARE, ">"),
        BinOpKind::Gte => (operators::COMPARE, ">="),
        BinOpKind::In => (operators::COMPARE, "in"),
        BinOpKind::Add => (operators::CALCULATE, "+"),
        BinOpKind::Sub => (operators::CALCULATE, "-"),
        BinOpKind::Mul => (operators::CALCULATE, "*"),
        BinOpKind::Div => (operators::CALCULATE, "/"),
        BinOpKind::FloorDiv => (operators::CALCULATE, "//"),
        BinOpKind::Rem => (operators::CALCULATE, "%"),
        BinOpKind::Pow => (operators::CALCULATE, "**"),
        BinOpKind::Concat | BinOpKind::ScAnd | BinOpKind::ScOr => (operators::CALCULATE, "~"),
    }
}

pub(super) fn sign_of(operator: CompareOpKind) -> &'static str {
    match operator {
        CompareOpKind::Eq => "==",
        CompareOpKind::Ne => "!=",
        CompareOpKind::Lt => "<",
        CompareOpKind::Lte => "<=",
        CompareOpKind::Gt => ">",
        CompareOpKind::Gte => ">=",
        CompareOpKind::In => "in",
        CompareOpKind::NotIn => "not in",
    }
}
