//! Rewrites an expression so that everything it does goes through our rules.
//!
//! The operators of the language guess: they order a text above every number and print `True`. They cannot be replaced in
//! it, so each becomes a call of a filter of ours, and so does each filter: `a.b > 3` is compiled as
//! `a.b|_compare('>', 3)`. Whatever may be missing is looked at where it is used; in front of `default` and `is defined`
//! a whole path may be missing.

use std::fmt::Write as _;

use minijinja::machinery::{
    Span,
    ast::{
        BinOp, BinOpKind, Call, CallArg, CallType, Compare, Expr, Filter, IfExpr, Map, Slice, Test, UnaryOp,
        UnaryOpKind,
    },
    parse_expr,
};

use super::{
    Fault,
    filters::{guarded, is_filter},
    language::{FUNCTIONS, is_test, operators},
    shape::{Named, in_path, is_plain, may_be_missing, name_of, named_in, operator_of, sign_of},
};

/// The expression in the language, for settings that may begin with the names of `roots`.
pub(super) fn checked(source: &str, roots: &[&str]) -> Result<String, Fault> {
    let parsed = parse_expr(source).map_err(|cause| super::template::explain(&cause))?;
    Ok(Checker { source, roots }.value(&parsed)?.text)
}

struct Checker<'a> {
    source: &'a str,
    roots: &'a [&'a str],
}

/// How tightly a written expression holds together, the loosest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Bond {
    If,
    Or,
    And,
    Not,
    Tight,
}

struct Written {
    text: String,
    bond: Bond,
}

impl Written {
    fn tight(text: String) -> Self {
        Self { text, bond: Bond::Tight }
    }

    /// The text, in brackets if it would come apart.
    fn at_least(self, bond: Bond) -> String {
        if self.bond < bond { format!("({})", self.text) } else { self.text }
    }
}

type Outcome = Result<Written, Fault>;

impl Checker<'_> {
    /// An expression that gives its value, or nothing where a path ends in nothing. Each kind has a function of its own,
    /// so that a deep expression needs little of the stack.
    fn value(&self, expr: &Expr<'_>) -> Outcome {
        match expr {
            Expr::Var(var) => self.root(var.id),
            Expr::Const(constant) => Ok(Written::tight(self.part(constant.span()).to_owned())),
            Expr::Slice(slice) => self.slice(slice),
            Expr::UnaryOp(unary) => self.unary(unary),
            Expr::BinOp(binary) => self.binary(binary),
            Expr::Compare(compare) => self.comparisons(compare),
            Expr::IfExpr(choice) => self.choice(choice, |branch| self.there(branch)),
            Expr::Filter(filter) => self.filter(filter, false),
            Expr::Test(test) => self.test(test),
            Expr::GetAttr(_) | Expr::GetItem(_) => self.path(expr),
            Expr::Call(call) => self.call(call),
            Expr::List(list) => self.list(&list.items),
            Expr::Tuple(tuple) => self.list(&tuple.items),
            Expr::Map(map) => self.map(map),
        }
    }

    fn root(&self, name: &str) -> Outcome {
        if self.roots.contains(&name) || FUNCTIONS.contains(&name) {
            return Ok(Written::tight(name.to_owned()));
        }
        let roots = self.roots.join(", ");
        Err(Fault(format!("there is no `{name}` here; an expression begins with one of: {roots}")))
    }

    fn slice(&self, slice: &Slice<'_>) -> Outcome {
        let bound = |bound: &Option<Expr<'_>>| bound.as_ref().map_or(Ok(String::new()), |bound| self.inner(bound));
        let (of, start, stop) = (self.operand(&slice.expr)?, bound(&slice.start)?, bound(&slice.stop)?);
        let step = slice.step.as_ref().map_or(Ok(String::new()), |step| Ok(format!(":{}", self.inner(step)?)))?;
        Ok(Written::tight(format!("({of}|{})[{start}:{stop}{step}]", operators::SLICES)))
    }

    fn unary(&self, unary: &UnaryOp<'_>) -> Outcome {
        match unary.op {
            UnaryOpKind::Neg => Ok(Written::tight(format!("{}|{}", self.operand(&unary.expr)?, operators::NEGATIVE))),
            UnaryOpKind::Not => {
                let text = format!("not {}", self.there(&unary.expr)?.at_least(Bond::Not));
                Ok(Written { text, bond: Bond::Not })
            }
        }
    }

    fn binary(&self, binary: &BinOp<'_>) -> Outcome {
        match binary.op {
            BinOpKind::ScAnd => self.logic(binary, "and", Bond::And),
            BinOpKind::ScOr => self.logic(binary, "or", Bond::Or),
            operator => {
                let (left, right) = (self.operand(&binary.left)?, self.argument(&binary.right)?);
                let (filter, sign) = operator_of(operator);
                Ok(Written::tight(format!("{left}|{filter}('{sign}',{right})")))
            }
        }
    }

    fn logic(&self, binary: &BinOp<'_>, word: &str, bond: Bond) -> Outcome {
        let left = self.there(&binary.left)?.at_least(bond);
        let right = self.there(&binary.right)?;
        let right = if right.bond <= bond { format!("({})", right.text) } else { right.text };
        Ok(Written { text: format!("{left} {word} {right}"), bond })
    }

    fn comparisons(&self, compare: &Compare<'_>) -> Outcome {
        let mut text = format!("{}|{}(", self.operand(&compare.expr)?, operators::COMPARE);
        for op in &compare.ops {
            let _ = write!(text, "'{}',{},", sign_of(op.op), self.argument(&op.expr)?);
        }
        Ok(Written::tight(text + ")"))
    }

    fn list(&self, items: &[Expr<'_>]) -> Outcome {
        let items: Vec<_> = items.iter().map(|item| self.inner(item)).collect::<Result<_, _>>()?;
        Ok(Written::tight(format!("[{}]", items.join(","))))
    }

    fn map(&self, map: &Map<'_>) -> Outcome {
        let pairs = map.keys.iter().zip(&map.values);
        let pairs = pairs.map(|(key, value)| Ok(format!("{}:{}", self.inner(key)?, self.inner(value)?)));
        let pairs: Vec<_> = pairs.collect::<Result<_, _>>()?;
        Ok(Written::tight(format!("{{{}}}", pairs.join(","))))
    }

    /// An expression that never gives nothing: it fails, with its path.
    fn there(&self, expr: &Expr<'_>) -> Outcome {
        let value = self.value(expr)?;
        if !may_be_missing(expr) {
            return Ok(value);
        }
        let name = serde_json::Value::from(self.spelled(expr));
        Ok(Written::tight(format!("{}|{}({name})", value.at_least(Bond::Tight), operators::THERE)))
    }

    /// An expression whose parts may be missing: then it gives nothing.
    fn soft(&self, expr: &Expr<'_>) -> Outcome {
        let (of, key) = match expr {
            Expr::GetAttr(get) => (self.soft(&get.expr)?, format!("'{}'", get.name)),
            Expr::GetItem(get) => (self.soft(&get.expr)?, self.inner(&get.subscript_expr)?),
            Expr::Filter(filter) if in_path(filter.name) => return self.filter(filter, true),
            Expr::IfExpr(choice) => return self.choice(choice, |branch| self.soft(branch)),
            _ => return self.value(expr),
        };
        Ok(Written::tight(format!("{}|{}({key})", of.at_least(Bond::Tight), operators::AT)))
    }

    /// What a filter of ours gets. It looks itself whether a plain path is there.
    fn argument(&self, expr: &Expr<'_>) -> Result<String, Fault> {
        Ok(if is_plain(expr) { self.value(expr)? } else { self.there(expr)? }.text)
    }

    /// The same, as what comes before the filter.
    fn operand(&self, expr: &Expr<'_>) -> Result<String, Fault> {
        Ok(if is_plain(expr) { self.value(expr)? } else { self.there(expr)? }.at_least(Bond::Tight))
    }

    fn inner(&self, expr: &Expr<'_>) -> Result<String, Fault> {
        Ok(self.there(expr)?.text)
    }

    fn choice<'e>(&self, choice: &'e IfExpr<'_>, branch: impl Fn(&'e Expr<'_>) -> Outcome) -> Outcome {
        let mut text = branch(&choice.true_expr)?.at_least(Bond::Or);
        let _ = write!(text, " if {}", self.there(&choice.test_expr)?.at_least(Bond::Or));
        if let Some(otherwise) = &choice.false_expr {
            let _ = write!(text, " else {}", branch(otherwise)?.text);
        }
        Ok(Written { text, bond: Bond::If })
    }

    fn filter(&self, filter: &Filter<'_>, soft: bool) -> Outcome {
        let name = filter.name;
        if !is_filter(name) {
            return Err(Fault(format!("there is no filter `{name}`")));
        }
        let Some(of) = &filter.expr else { return Err(Fault(format!("`{name}` needs a value"))) };
        let is_default = matches!(name, "default" | "d");
        let of = match () {
            () if soft || is_default => self.soft(of)?.at_least(Bond::Tight),
            () if in_path(name) => self.there(of)?.at_least(Bond::Tight),
            () => self.operand(of)?,
        };
        let args = if is_default { self.soft_args(&filter.args)? } else { self.args(&filter.args, named_in(name))? };
        Ok(Written::tight(format!("{of}|{}({args})", guarded(name))))
    }

    fn test(&self, test: &Test<'_>) -> Outcome {
        let name = test.name;
        if !is_test(name) {
            return Err(Fault(format!("there is no test `{name}`")));
        }
        let of = if matches!(name, "defined" | "undefined") { self.soft(&test.expr)? } else { self.there(&test.expr)? };
        let args = self.args(&test.args, None)?;
        Ok(Written::tight(format!("{} is {name}({args})", of.at_least(Bond::Tight))))
    }

    fn call(&self, call: &Call<'_>) -> Outcome {
        match call.identify_call() {
            CallType::Function(name) if FUNCTIONS.contains(&name) => {
                Ok(Written::tight(format!("{name}({})", self.args(&call.args, None)?)))
            }
            CallType::Function(name) | CallType::Method(_, name) => {
                Err(Fault(format!("there is no function `{name}`; filters are written as `value | {name}`")))
            }
            CallType::Object(_) => Err(Fault("calls what is no function".to_owned())),
        }
    }

    fn args(&self, args: &[CallArg<'_>], named: Option<Named>) -> Result<String, Fault> {
        let written = args.iter().enumerate().map(|(n, arg)| match (arg, named) {
            (CallArg::Pos(expr), Some(named)) if n == named.at => name_of(expr, named),
            (CallArg::Pos(expr), _) => self.inner(expr),
            (CallArg::Kwarg(name, expr), _) => Ok(format!("{name}={}", self.inner(expr)?)),
            (CallArg::PosSplat(_) | CallArg::KwargSplat(_), _) => {
                Err(Fault("takes its arguments one by one, without `*`".to_owned()))
            }
        });
        Ok(written.collect::<Result<Vec<_>, _>>()?.join(","))
    }

    fn soft_args(&self, args: &[CallArg<'_>]) -> Result<String, Fault> {
        let written = args.iter().map(|arg| match arg {
            CallArg::Pos(expr) => Ok(self.soft(expr)?.text),
            _ => Err(Fault("`default` takes a value, as in `| default('none')`".to_owned())),
        });
        Ok(written.collect::<Result<Vec<_>, _>>()?.join(","))
    }

    /// A path. Where its keys are written out, the language follows it and names what is missing.
    fn path(&self, expr: &Expr<'_>) -> Outcome {
        if is_plain(expr) {
            self.roots_of(expr)?;
            return Ok(Written::tight(self.spelled(expr)));
        }
        let (of, key) = match expr {
            Expr::GetAttr(get) => (&get.expr, format!("'{}'", get.name)),
            Expr::GetItem(get) => (&get.expr, self.inner(&get.subscript_expr)?),
            _ => return self.value(expr),
        };
        let of = self.there(of)?.at_least(Bond::Tight);
        Ok(Written::tight(format!("{of}|{}({key})", operators::AT)))
    }

    fn roots_of(&self, path: &Expr<'_>) -> Result<(), Fault> {
        match path {
            Expr::Var(var) => self.root(var.id).map(drop),
            Expr::GetAttr(get) => self.roots_of(&get.expr),
            Expr::GetItem(get) => self.roots_of(&get.expr),
            _ => Ok(()),
        }
    }

    /// An expression as it was written, for errors.
    fn spelled(&self, expr: &Expr<'_>) -> String {
        match expr {
            Expr::Var(var) => var.id.to_owned(),
            Expr::GetAttr(get) => format!("{}.{}", self.spelled(&get.expr), get.name),
            Expr::GetItem(get) => format!("{}[{}]", self.spelled(&get.expr), self.spelled(&get.subscript_expr)),
            Expr::Filter(filter) => {
                format!("{} | {}", filter.expr.as_ref().map_or_else(String::new, |of| self.spelled(of)), filter.name)
            }
            Expr::UnaryOp(unary) if matches!(unary.op, UnaryOpKind::Neg) => format!("-{}", self.spelled(&unary.expr)),
            other => self.part(other.span()).to_owned(),
        }
    }

    fn part(&self, span: Span) -> &str {
        self.source.get(span.start_offset as usize..span.end_offset as usize).unwrap_or_default()
    }
}
