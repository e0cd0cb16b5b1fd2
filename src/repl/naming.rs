//! Names as people type them, against the objects that there are.

use crate::engine::Object;

/// The parts of a dotted name, without brackets and quotes. `LcsCDR..SessionDetails` leaves the
/// schema out.
pub fn path(name: &str) -> Vec<&str> {
    name.split('.').map(unquoted).filter(|part| !part.is_empty()).collect()
}

pub fn unquoted(part: &str) -> &str {
    part.trim().trim_matches(['[', ']', '"'])
}

/// True where the path, which may leave out the catalog, the schema or both, names the object.
pub fn is_object<P: AsRef<str>>(object: &Object, path: &[P]) -> bool {
    let whole = [&object.name, &object.schema, &object.catalog];
    let ends =
        |path: &[P]| path.iter().rev().zip(whole).all(|(part, whole)| same(part.as_ref(), whole));
    match path {
        [] => false,
        [catalog, name] if same(catalog.as_ref(), &object.catalog) => {
            same(name.as_ref(), &object.name)
        }
        path => path.len() <= whole.len() && ends(path),
    }
}

/// Names compare without regard to case.
pub fn same(a: &str, b: &str) -> bool {
    crate::tsql::fold(a) == crate::tsql::fold(b)
}

/// True where `name` begins with what was typed, without regard to case.
pub fn begins(name: &str, typed: &str) -> bool {
    crate::tsql::fold(name).starts_with(&crate::tsql::fold(typed))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::ObjectKind;

    #[test]
    fn a_path_may_leave_catalog_and_schema_out() {
        let object = Object {
            catalog: "LcsCDR".into(),
            schema: "dbo".into(),
            name: "SessionDetails".into(),
            kind: ObjectKind::Table,
        };
        for name in [
            "sessiondetails",
            "dbo.[SessionDetails]",
            "lcscdr.DBO.\"SessionDetails\"",
            "LcsCDR..SessionDetails",
        ] {
            assert!(is_object(&object, &path(name)), "{name}");
        }
        for name in [
            "",
            "Session",
            "QoEMetrics..SessionDetails",
            "cdr.SessionDetails",
            "a.LcsCDR.dbo.SessionDetails",
        ] {
            assert!(!is_object(&object, &path(name)), "{name}");
        }
    }
}
