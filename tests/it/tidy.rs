//! The house rules that no compiler knows: walls between modules, sizes of files, numbers of migrations, nothing that leads out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

const MOST_LINES: usize = 400;
/// Longer tests live in a file of their own.
const MOST_TEST_LINES: usize = 150;

/// Which modules of the relay each module may use. `app`, `cli`, `running` and `lib` wire everything and may use all.
const WALLS: &[(&str, &[&str])] = &[
    ("inbox", &[]),
    ("clock", &[]),
    ("crypto", &[]),
    ("lock", &[]),
    ("shutdown", &[]),
    ("bus", &["crypto", "shutdown"]),
    ("config", &["crypto"]),
    ("telemetry", &["config"]),
    ("store", &["inbox", "clock", "crypto"]),
    ("auth", &["store", "crypto", "clock"]),
    ("actions", &["inbox", "store", "bus", "crypto", "auth", "clock"]),
    ("hub", &["inbox", "store", "bus", "clock", "shutdown"]),
    (
        "http",
        &["app", "actions", "auth", "bus", "clock", "config", "crypto", "hub", "inbox", "shutdown", "store"],
    ),
    ("ws", &["app", "actions", "auth", "clock", "config", "hub", "store"]),
    ("jobs", &["app", "actions", "auth", "bus", "config", "inbox", "store"]),
];
const WIRING: &[&str] = &["app", "cli", "running", "lib", "main"];

/// Libraries and the only places that may know them.
const LIBRARIES: &[(&str, &[&str])] = &[
    ("rusqlite::", &["relay/src/store/sqlite/", "relay/src/cli/"]),
    ("tokio_postgres::", &["relay/src/store/postgres/", "relay/src/store/suite/"]),
    ("deadpool_postgres::", &["relay/src/store/postgres/"]),
    ("redis::", &["relay/src/bus/"]),
    ("axum::", &["relay/src/http/", "relay/src/ws/", "relay/src/cli/"]),
    ("tokio_tungstenite::", &["relay/src/ws/", "relay/src/cli/"]),
    ("hyper::", &["relay/src/http/", "relay/src/cli/"]),
    ("argon2::", &["relay/src/auth/passwords.rs"]),
    ("aes_gcm::", &["relay/src/crypto/"]),
    ("web_sys::", &["widget/", "admin/"]),
];

/// Words that must not be in the product's own code.
const FORBIDDEN: &[&str] =
    &["inner_html", "todo!(", "unimplemented!(", "dbg!(", ".unwrap()", ".expect(", "panic!("];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the package is in a workspace").to_owned()
}

/// Every file of the repository with its path from the root; what is built or fetched is left out.
fn files(endings: &[&str]) -> Vec<(String, String)> {
    let root = root();
    let (mut waiting, mut found) = (vec![root.clone()], Vec::new());
    while let Some(folder) = waiting.pop() {
        for entry in std::fs::read_dir(&folder).expect("folders can be listed").flatten() {
            let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                if !matches!(
                    name.as_str(),
                    "target" | "node_modules" | ".git" | "dist" | "artifacts" | "data"
                ) {
                    waiting.push(path);
                }
            } else if endings.iter().any(|ending| name.ends_with(ending)) {
                let relative =
                    path.strip_prefix(&root).expect("it is below the root").to_string_lossy().into_owned();
                found.push((relative, std::fs::read_to_string(&path).expect("it is text")));
            }
        }
    }
    found.sort();
    assert!(!found.is_empty());
    found
}

/// The lines of a file that are the product's: no comments, no tests.
fn product(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text
        .lines()
        .enumerate()
        .take_while(|(_, line)| !line.starts_with("#[cfg(test)]") && !line.starts_with("#[cfg(all(test"));
    lines.map(|(at, line)| (at + 1, line)).filter(|(_, line)| !line.trim_start().starts_with("//"))
}

/// The files that are compiled for tests only: everything in here, and what is declared as such.
fn test_files(files: &[(String, String)]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (path, text) in files {
        if path.starts_with("tests/") {
            found.insert(path.clone());
        }
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let lines: Vec<&str> = text.lines().collect();
        for pair in lines
            .windows(2)
            .filter(|pair| pair[0].starts_with("#[cfg(test)]") || pair[0].starts_with("#[cfg(all(test"))
        {
            if let Some(name) = pair[1].strip_prefix("mod ").and_then(|rest| rest.strip_suffix(';')) {
                found.insert(format!("{folder}/{name}.rs"));
            }
            if let Some(file) = pair[1].strip_prefix("#[path = \"").and_then(|rest| rest.strip_suffix("\"]"))
            {
                found.insert(format!("{folder}/{file}"));
            }
        }
    }
    // What a test file declares is for tests too.
    let folders: Vec<String> = found.iter().map(|path| path.replace(".rs", "/")).collect();
    let inside =
        files.iter().filter(|(path, _)| folders.iter().any(|folder| path.starts_with(folder.as_str())));
    found.extend(inside.map(|(path, _)| path.clone()));
    found
}

fn assert_none(what: &str, wrong: &[String]) {
    assert!(wrong.is_empty(), "{what}:\n{}", wrong.join("\n"));
}

/// Every `crate::name` on a line.
fn used(line: &str) -> impl Iterator<Item = &str> {
    line.split("crate::")
        .skip(1)
        .filter_map(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next())
        .filter(|name| !name.is_empty())
}

#[test]
fn modules_use_only_what_their_wall_lets_through() {
    let walls: BTreeMap<&str, &[&str]> = WALLS.iter().copied().collect();
    let mut wrong = Vec::new();
    for (path, text) in files(&[".rs"]) {
        let Some(inside) = path.strip_prefix("relay/src/") else { continue };
        let module = inside.split(['/', '.']).next().unwrap_or_default();
        if WIRING.contains(&module) {
            continue;
        }
        let Some(allowed) = walls.get(module) else {
            wrong.push(format!("{path}: the module {module} has no wall yet; decide what it may use"));
            continue;
        };
        for (number, line) in product(&text) {
            for name in used(line).filter(|name| *name != module && !allowed.contains(name)) {
                wrong.push(format!("{path}:{number}: {module} must not use {name}"));
            }
        }
    }
    assert_none("walls are crossed", &wrong);
}

#[test]
fn libraries_are_known_only_where_they_belong() {
    let mut wrong = Vec::new();
    for (path, text) in files(&[".rs"]) {
        for (library, homes) in LIBRARIES {
            if homes.iter().any(|home| path.starts_with(home))
                || path.starts_with("xtask/")
                || path.starts_with("tests/")
            {
                continue;
            }
            let lines = product(&text).filter(|(_, line)| {
                line.split(|c: char| !c.is_alphanumeric() && c != '_' && c != ':')
                    .any(|word| word.starts_with(library))
            });
            wrong.extend(lines.map(|(number, _)| format!("{path}:{number}: {library}")));
        }
    }
    assert_none("a library leaks out of its place", &wrong);
}

#[test]
fn files_are_short_and_say_first_what_they_are() {
    let mut wrong = Vec::new();
    for (path, text) in files(&[".rs"]) {
        let lines = text.lines().count();
        if lines > MOST_LINES {
            wrong.push(format!("{path}: {lines} lines of at most {MOST_LINES}"));
        }
        if !text.starts_with("//! ") {
            wrong.push(format!("{path}: begins without a `//!` line"));
        }
        let inline = text.lines().skip_while(|line| !line.starts_with("mod tests {")).count();
        if inline > MOST_TEST_LINES {
            wrong.push(format!(
                "{path}: {inline} lines of tests of at most {MOST_TEST_LINES}; give them a file of their own"
            ));
        }
    }
    assert_none("files out of shape", &wrong);
}

#[test]
fn the_products_code_has_no_shortcuts() {
    let mut wrong = Vec::new();
    let sources = files(&[".rs"]);
    let tests = test_files(&sources);
    for (path, text) in sources {
        if tests.contains(&path) || path.starts_with("xtask/") {
            continue;
        }
        for (number, line) in product(&text) {
            wrong.extend(
                FORBIDDEN
                    .iter()
                    .filter(|word| line.contains(**word))
                    .map(|word| format!("{path}:{number}: {word}")),
            );
            let prints =
                ["println!(", "print!(", "eprintln!(", "eprint!("].iter().any(|word| line.contains(word));
            if prints && !path.starts_with("relay/src/cli/") {
                wrong.push(format!("{path}:{number}: prints"));
            }
            if line.contains("tokio::spawn(") && !path.starts_with("relay/src/cli/") {
                wrong.push(format!("{path}:{number}: tasks are spawned through the tracker"));
            }
        }
    }
    assert_none("shortcuts", &wrong);
}

#[test]
fn notes_to_oneself_are_not_left_behind() {
    let words = [["TO", "DO"].concat(), ["FIX", "ME"].concat(), ["XX", "X"].concat(), ["HA", "CK"].concat()];
    let mut wrong = Vec::new();
    for (path, text) in files(&[".rs", ".js", ".mjs", ".css", ".sql", ".html", ".toml", ".md"]) {
        for (number, line) in text.lines().enumerate() {
            let is_note =
                line.split(|c: char| !c.is_alphanumeric()).any(|word| words.iter().any(|w| w == word));
            if is_note {
                wrong.push(format!("{path}:{}", number + 1));
            }
        }
    }
    assert_none("notes to oneself", &wrong);
}

#[test]
fn migrations_are_numbered_without_a_hole_and_all_of_them_are_run() {
    let of = |store: &str| -> Vec<String> {
        let listed = std::fs::read_to_string(root().join(format!("relay/src/store/{store}/open.rs")))
            .expect("the store's opening is there");
        let folder = format!("relay/migrations/{store}/");
        let names: Vec<String> = files(&[".sql"])
            .into_iter()
            .filter_map(|(path, _)| path.strip_prefix(&folder).map(str::to_owned))
            .collect();
        for (at, name) in names.iter().enumerate() {
            assert!(name.starts_with(&format!("{:04}_", at + 1)), "{name} stands at place {}", at + 1);
            let runs = listed.matches(&format!("migrations/{store}/{name}\"")).count();
            assert_eq!(runs, 1, "{name} is not run, or twice");
        }
        names
    };
    let names = of("sqlite");

    assert!(!names.is_empty());
    assert_eq!(names, of("postgres"), "both stores have the same migrations");
}

/// The packages a manifest depends on, tests left out.
fn dependencies(manifest: &str) -> Vec<String> {
    let text = std::fs::read_to_string(root().join(manifest)).unwrap_or_else(|e| panic!("{manifest}: {e}"));
    let mut inside = false;
    let mut found = Vec::new();
    for line in text.lines() {
        if line.starts_with('[') {
            inside = line == "[dependencies]"
                || (line.starts_with("[target.") && line.ends_with(".dependencies]"));
        } else if inside && !line.starts_with('#') {
            found.extend(
                line.split(['.', ' ', '=']).next().filter(|name| !name.is_empty()).map(str::to_owned),
            );
        }
    }
    found
}

#[test]
fn browser_apps_and_protocol_depend_on_nothing_that_belongs_elsewhere() {
    let server = ["relay", "tokio", "axum", "rusqlite", "argon2", "tests", "xtask"];
    for (package, others) in [
        (
            "protocol",
            &[
                "widget",
                "admin",
                "leptos",
                "web-sys",
                "wasm-bindgen",
                "gloo-net",
                "gloo-timers",
                "chrono",
                "url",
                "regex",
            ][..],
        ),
        ("widget", &["admin", "leptos_router", "regex", "chrono", "serde_json", "url"][..]),
        ("admin", &["widget", "regex", "chrono"][..]),
        ("relay", &["widget", "admin", "tests", "leptos", "web-sys", "reqwest", "sqlx", "chrono"][..]),
    ] {
        let found = dependencies(&format!("{package}/Cargo.toml"));
        assert!(!found.is_empty());
        let server = if package == "relay" { &[][..] } else { &server[..] };
        let wrong: Vec<&String> = found
            .iter()
            .filter(|name| others.contains(&name.as_str()) || server.contains(&name.as_str()))
            .collect();
        assert!(wrong.is_empty(), "{package} must not depend on {wrong:?}");
    }
}

/// Whether a path with its `..` taken out leaves the repository.
fn leads_out(from: &str, path: &str) -> bool {
    let mut depth = Path::new(from).components().count().saturating_sub(1);
    for part in Path::new(path).components() {
        match part {
            Component::ParentDir if depth == 0 => return true,
            Component::ParentDir => depth -= 1,
            Component::Normal(_) => depth += 1,
            _ => {}
        }
    }
    false
}

#[test]
fn nothing_refers_to_a_place_outside_the_repository() {
    let homes = ["home", "Users", "root", "work", "mnt"].map(|name| format!("/{name}/"));
    let mut wrong = Vec::new();
    for (path, text) in files(&[
        ".rs", ".toml", ".md", ".js", ".mjs", ".css", ".html", ".json", ".sql", ".yml", ".yaml", ".sh",
    ]) {
        for (number, line) in text.lines().enumerate() {
            let words = line.split(|c: char| {
                c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '(' | ')' | '<' | '>' | ',' | '=')
            });
            for word in words {
                let is_home = homes.iter().any(|home| word.starts_with(home.as_str()));
                // A shell or a page may be elsewhere when it runs; what it names is looked at by whoever runs it.
                let is_out = word.starts_with("../") && leads_out(&path, word);
                if is_home || is_out {
                    wrong.push(format!("{path}:{}: {word}", number + 1));
                }
            }
        }
    }
    assert_none("places outside the repository", &wrong);
}

#[test]
fn the_rules_above_can_fail() {
    assert_eq!(
        used("use crate::store::{A}; crate::hub::x(crate::ws::y)").collect::<Vec<_>>(),
        ["store", "hub", "ws"]
    );
    assert_eq!(
        product("//! a\nuse b;\n// c\n#[cfg(test)]\nmod tests {}").map(|(at, _)| at).collect::<Vec<_>>(),
        [2]
    );
    assert!(leads_out("docs/a.md", "../../beside/b.md") && !leads_out("docs/a.md", "../README.md"));
    assert!(dependencies("relay/Cargo.toml").contains(&"axum".to_owned()));
}
