//! The rules of the house that a machine can hold: arrows, sizes, lists that must stay complete.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Who may use whom. An arrow that is not here does not exist.
const ARROWS: &[(&str, &[&str])] = &[
    ("kernel", &[]),
    ("pricing", &["kernel"]),
    ("calculator", &["kernel", "pricing"]),
    ("store", &["kernel"]),
    ("papers", &["kernel"]),
    ("lending", &["kernel", "papers", "pricing", "store"]),
    ("providers", &["kernel", "lending"]),
    ("channels/kit", &["kernel", "lending"]),
    ("channels/chaojihua", &["channel-kit", "kernel", "lending"]),
    ("channels/futureloan", &["channel-kit", "kernel", "lending"]),
    ("channels/shuaidan", &["channel-kit", "kernel", "lending"]),
    ("channels/wukong", &["channel-kit", "kernel", "lending"]),
    ("channels/xianjindai", &["channel-kit", "kernel", "lending"]),
    ("console", &["channel-kit", "kernel", "lending", "papers"]),
    ("office", &["channel-kit", "console", "kernel"]),
    ("portal", &["channel-kit", "kernel"]),
    ("h5", &[]),
    (
        "cli",
        &[
            "calculator",
            "channel-chaojihua",
            "channel-futureloan",
            "channel-kit",
            "channel-shuaidan",
            "channel-wukong",
            "channel-xianjindai",
            "console",
            "h5",
            "kernel",
            "lending",
            "office",
            "papers",
            "portal",
            "pricing",
            "providers",
            "store",
        ],
    ),
];

/// The longest file that can still be read in one go. Tables in tests are exempt up to the second.
const LINES: usize = 600;
const LINES_OF_TESTS: usize = 900;

/// How a column may be classed.
const CLASSES: &[&str] = &["open", "personal", "secret"];

#[test]
fn crates_depend_only_along_the_arrows() {
    let crates = root().join("crates");
    let ours: BTreeSet<_> = files_under(&crates, "Cargo.toml")
        .iter()
        .map(|path| read_toml(path)["package"]["name"].as_str().unwrap().to_owned())
        .collect();
    let mut seen = BTreeSet::new();
    for path in files_under(&crates, "Cargo.toml") {
        let place = path.parent().unwrap().strip_prefix(&crates).unwrap().display().to_string();
        let row = ARROWS.iter().find(|(from, _)| *from == place);
        let (_, allowed) = row.unwrap_or_else(|| panic!("crates/{place} has no row in ARROWS"));
        let manifest = read_toml(&path);
        for table in ["dependencies", "dev-dependencies", "build-dependencies"] {
            for name in manifest.get(table).and_then(|t| t.as_table()).into_iter().flatten() {
                let forbidden = ours.contains(name.0) && !allowed.contains(&name.0.as_str());
                assert!(!forbidden, "crates/{place} must not depend on {}", name.0);
            }
        }
        seen.insert(place);
    }
    for (from, _) in ARROWS {
        assert!(seen.contains(*from), "crates/{from} stands in ARROWS and is gone");
    }
}

#[test]
fn every_file_says_what_lives_in_it() {
    for path in rust_files() {
        let text = fs::read_to_string(&path).unwrap();
        let first = text.lines().next().unwrap_or_default();
        let says = first.strip_prefix("//! ").is_some_and(|words| words.len() > 12);
        assert!(says, "{}: the first line is no `//!` sentence", path.display());
    }
}

#[test]
fn files_stay_readable() {
    for path in rust_files() {
        let lines = fs::read_to_string(&path).unwrap().lines().count();
        let tests = path.components().any(|part| part.as_os_str() == "tests");
        let limit = if tests { LINES_OF_TESTS } else { LINES };
        assert!(lines <= limit, "{}: {lines} lines, at most {limit}", path.display());
    }
}

#[test]
fn nothing_unfinished_is_left_behind() {
    // Written apart, so that this file does not find itself.
    let marks = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("dbg", "!(")];
    let bare = [concat!("#[", "allow("), concat!("#[", "ignore"), concat!("#[should_", "panic")];
    for path in rust_files() {
        for (number, line) in fs::read_to_string(&path).unwrap().lines().enumerate() {
            for mark in marks.iter().chain(&bare) {
                assert!(!line.contains(mark), "{}:{}: {mark}", path.display(), number + 1);
            }
        }
    }
}

#[test]
fn the_architecture_page_names_every_crate() {
    let page = read("ARCHITECTURE.md");
    for (place, _) in ARROWS {
        assert!(page.contains(&format!("crates/{place}")), "ARCHITECTURE.md: no crates/{place}");
    }
}

#[test]
fn every_dependency_has_its_line() {
    let page = read("docs/dependencies.md");
    let workspace = read_toml(&root().join("Cargo.toml"));
    for (name, value) in workspace["workspace"]["dependencies"].as_table().unwrap() {
        let is_ours = value.get("path").is_some();
        let quoted = format!("`{name}`");
        let told = page.lines().any(|line| line.contains(&quoted));
        assert!(is_ours || told, "docs/dependencies.md has no line for `{name}`");
    }
    // A crate names no version of its own: the workspace table is the only one.
    for path in files_under(&root().join("crates"), "Cargo.toml") {
        for table in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let manifest = read_toml(&path);
            for (name, value) in
                manifest.get(table).and_then(|t| t.as_table()).into_iter().flatten()
            {
                let from_workspace = value.get("workspace").and_then(toml::Value::as_bool);
                assert_eq!(from_workspace, Some(true), "{}: {name}", path.display());
            }
        }
    }
}

#[test]
fn every_column_is_classed() {
    let classes = read_toml(&root().join("privacy.toml"));
    let columns = columns_of_the_schema();
    assert!(columns.len() > 3, "the migrations make tables");
    for (table, columns) in &columns {
        let rows = classes.get(table).and_then(|t| t.as_table());
        let rows = rows.unwrap_or_else(|| panic!("privacy.toml: no [{table}]"));
        for column in columns {
            let class = rows.get(column).and_then(toml::Value::as_str).unwrap_or("nothing");
            assert!(CLASSES.contains(&class), "privacy.toml: {table}.{column} is {class}");
        }
        for column in rows.keys() {
            assert!(columns.contains(column), "privacy.toml: {table}.{column} does not exist");
        }
    }
    for (table, value) in &classes {
        let known = columns.contains_key(table) || !value.is_table();
        assert!(known, "privacy.toml: {table} does not exist");
    }
}

/// A copy of what is held about a customer is complete: every personal column is part of one, or
/// named with the reason why it is not; and nothing is named that is not there.
#[test]
fn every_personal_column_is_in_a_copy_or_exempt() {
    use lending::data_rights::{exempt::EXEMPT, holdings};
    let classes = read_toml(&root().join("privacy.toml"));
    let schema = columns_of_the_schema();
    let held: BTreeSet<(&str, &str)> = holdings::all()
        .flat_map(|holding| holding.columns.iter().map(|column| (holding.table, column.name)))
        .collect();
    let is_exempt = |table: &str, column: &str| {
        EXEMPT.iter().any(|(of, name, _)| *of == table && (*name == "*" || *name == column))
    };
    let mut astray = Vec::new();
    for (table, rows) in &classes {
        for (column, class) in rows.as_table().into_iter().flatten() {
            let is_held = held.contains(&(table.as_str(), column.as_str()));
            let is_personal = class.as_str() == Some("personal");
            if is_personal && is_held == is_exempt(table, column) {
                astray.push(format!("{table}.{column}"));
            }
            assert!(!is_held || class.as_str() != Some("secret"), "{table}.{column} is secret");
        }
    }
    assert!(astray.is_empty(), "neither in a copy nor exempt, or both: {astray:?}");
    for holding in holdings::all() {
        for column in holding.columns {
            let known = schema.get(holding.table).is_some_and(|all| all.contains(column.name));
            assert!(known, "{}.{} does not exist", holding.table, column.name);
            // What lies sealed names somebody: it is no figure of the books.
            let stays = column.ending == holdings::Ending::Figures;
            assert!(!(stays && column.name.ends_with("_sealed")), "{} stays", column.name);
        }
    }
    for (table, column, _) in EXEMPT {
        let known = schema.get(*table).is_some_and(|all| *column == "*" || all.contains(*column));
        assert!(known, "{table}.{column} does not exist");
    }
}

/// Tables and their columns, read from every migration.
fn columns_of_the_schema() -> BTreeMap<String, BTreeSet<String>> {
    let mut schema = BTreeMap::new();
    for path in files_under(&root().join("migrations"), ".sql") {
        collect_columns(&fs::read_to_string(&path).unwrap(), &mut schema);
    }
    schema
}

/// Reads `CREATE TABLE` and `ALTER TABLE … ADD COLUMN`.
fn collect_columns(sql: &str, schema: &mut BTreeMap<String, BTreeSet<String>>) {
    let code: Vec<_> = sql.lines().map(|line| line.split("--").next().unwrap_or(line)).collect();
    for statement in code.join("\n").split(';') {
        let words: Vec<_> = statement.split_whitespace().collect();
        let upper: Vec<_> = words.iter().map(|word| word.to_uppercase()).collect();
        let upper: Vec<_> = upper.iter().map(String::as_str).collect();
        match upper[..] {
            ["CREATE", "TABLE", ..] => {
                let (head, body) = statement.split_once('(').expect("a table has columns");
                let table = head.split_whitespace().last().unwrap().trim_matches('"');
                let body = &body[..body.rfind(')').expect("a table ends")];
                let columns = schema.entry(table.to_lowercase()).or_default();
                columns.extend(top_level_parts(body).filter_map(column_name));
            }
            ["ALTER", "TABLE", _, "ADD", "COLUMN", "IF", "NOT", "EXISTS", ..] => {
                let columns = schema.entry(words[2].to_lowercase()).or_default();
                columns.insert(words[8].to_lowercase());
            }
            ["ALTER", "TABLE", _, "ADD", "COLUMN", ..] => {
                let columns = schema.entry(words[2].to_lowercase()).or_default();
                columns.insert(words[5].to_lowercase());
            }
            ["DROP", "TABLE", ..] => {
                schema.remove(&words[words.len() - 1].to_lowercase());
            }
            _ => {}
        }
    }
}

/// Cuts at the commas that stand in no parentheses.
fn top_level_parts(body: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0;
    body.split(move |sign| {
        depth += i32::from(sign == '(') - i32::from(sign == ')');
        sign == ',' && depth == 0
    })
}

/// The column that a line of a table makes; constraints make none.
fn column_name(part: &str) -> Option<String> {
    const CONSTRAINTS: &[&str] =
        &["CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN", "EXCLUDE"];
    let word = part.split_whitespace().next()?;
    let is_column = !CONSTRAINTS.contains(&word.to_uppercase().as_str());
    is_column.then(|| word.trim_matches('"').to_lowercase())
}

#[test]
fn columns_are_read_from_the_sql() {
    let mut schema = BTreeMap::new();
    collect_columns(
        "CREATE TABLE IF NOT EXISTS loan ( -- a comment; with, signs\n  loan_id BIGINT NOT NULL,\n\
         state TEXT CHECK (state IN ('a', 'b')),\n CONSTRAINT loan_pk PRIMARY KEY (loan_id)\n);\n\
         ALTER TABLE loan ADD COLUMN note TEXT;",
        &mut schema,
    );
    let columns: Vec<_> = schema["loan"].iter().map(String::as_str).collect();
    assert_eq!(columns, ["loan_id", "note", "state"]);
}

fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).expect("crates/cli is two folders deep").to_owned()
}

#[track_caller]
fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

#[track_caller]
fn read_toml(path: &Path) -> toml::Table {
    let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    text.parse().unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn rust_files() -> Vec<PathBuf> {
    files_under(&root().join("crates"), ".rs")
}

/// All files below a folder whose names end so, in order.
fn files_under(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with(ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}
