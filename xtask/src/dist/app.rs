//! A Leptos app: compile, bind, optimise, bundle, fill in the page's template.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use wasm_bindgen_cli_support::Bindgen;

use super::record::{Record, files_below, hash};
use super::small;
use crate::shell::{command, finish};

/// What the compiler emits and every browser of the last years reads, by name.
///
/// "All features" would let the optimiser write proposals, such as compact imports, that today's browsers refuse to load.
const WASM_FEATURES: [&str; 7] = [
    "--mvp-features",
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// Builds one app from its crate of the same name.
pub(super) fn build(app: &str) -> Result<Record> {
    let workshop = Path::new("target/xtask").join(app);
    fs::create_dir_all(&workshop).with_context(|| format!("cannot make {}", workshop.display()))?;
    bind(app, &compile(app)?, &workshop)?;
    let wasm = optimise(app, &workshop)?;
    let mut record = Record::default();
    let wasm_address = record.add_hashed(&format!("{app}.wasm"), app, "wasm", &wasm)?;
    let script_address =
        record.add_hashed(&format!("{app}.js"), app, "js", &bundle_script(app, &workshop, &wasm_address)?)?;
    let style_address =
        record.add_hashed(&format!("{app}.css"), app, "css", &bundle_styles(app, &workshop)?)?;
    let mut addresses = vec![("js", script_address), ("css", style_address), ("wasm", wasm_address)];
    let first = PathBuf::from(format!("{app}/first.js"));
    if first.exists() {
        let script = small::esbuild(&first, &["--target=es2022"])?;
        addresses.push(("first", record.add_hashed(&format!("{app}.first.js"), "first", "js", &script)?));
    }
    let template_path = format!("{app}/index.html");
    let template =
        fs::read_to_string(&template_path).with_context(|| format!("cannot read {template_path}"))?;
    let page = fill(&template, &addresses).with_context(|| format!("in {template_path}"))?;
    record.add_plain(&format!("{app}/index.html"), page.as_bytes())?;
    Ok(record)
}

fn compile(app: &str) -> Result<PathBuf> {
    let target = "wasm32-unknown-unknown";
    let arguments = ["build", "--package", app, "--profile", "wasm-release", "--target", target];
    finish(&mut command("cargo", &arguments))?;
    Ok(Path::new("target").join(target).join("wasm-release").join(format!("{app}.wasm")))
}

/// Makes the glue between the module and the browser.
///
/// The binder is a library of exactly the version the apps link, so there is no program to install that could differ.
fn bind(app: &str, compiled: &Path, workshop: &Path) -> Result<()> {
    let mut binder = Bindgen::new();
    binder
        .input_path(compiled)
        .web(true)
        .and_then(|binder| {
            binder.typescript(false).omit_default_module_path(true).out_name(app).generate(workshop)
        })
        .with_context(|| format!("cannot bind {}", compiled.display()))
}

fn optimise(app: &str, workshop: &Path) -> Result<Vec<u8>> {
    let bound = workshop.join(format!("{app}_bg.wasm"));
    let content = fs::read(&bound).with_context(|| format!("cannot read {}", bound.display()))?;
    let key = [content.as_slice(), WASM_FEATURES.concat().as_bytes()].concat();
    let optimised = workshop.join(format!("optimised-{}.wasm", hash(&key)));
    if !optimised.exists() {
        for earlier in files_below(workshop)? {
            if earlier.file_name().is_some_and(|name| name.to_string_lossy().starts_with("optimised-")) {
                fs::remove_file(&earlier).with_context(|| format!("cannot remove {}", earlier.display()))?;
            }
        }
        let partial = workshop.join("partial.wasm");
        let mut optimiser = command("node", &["node_modules/binaryen/bin/wasm-opt", "-Oz"]);
        finish(optimiser.args(WASM_FEATURES).arg("-o").arg(&partial).arg(&bound))?;
        fs::rename(&partial, &optimised).context("cannot keep the optimised module")?;
    }
    fs::read(&optimised).with_context(|| format!("cannot read {}", optimised.display()))
}

/// One script that starts the app; exports nobody imports are dropped on the way.
fn bundle_script(app: &str, workshop: &Path, wasm_address: &str) -> Result<Vec<u8>> {
    let entry = workshop.join("entry.js");
    let text =
        format!("import start from \"./{app}.js\";\nstart({{ module_or_path: \"{wasm_address}\" }});\n");
    fs::write(&entry, text).with_context(|| format!("cannot write {}", entry.display()))?;
    small::esbuild(&entry, &["--bundle", "--format=esm", "--target=es2022"])
}

/// The shared tokens first, then the app's own sheets by name.
fn bundle_styles(app: &str, workshop: &Path) -> Result<Vec<u8>> {
    let mut sheets = vec![PathBuf::from("static/css/tokens.css")];
    sheets.extend(
        ["base.css"].iter().filter(|_| app == "admin").map(|name| Path::new("static/css").join(name)),
    );
    sheets.push(PathBuf::from(format!("static/css/{app}.css")));
    sheets.extend(files_below(&Path::new("static/css").join(app))?);
    sheets.extend(files_below(&Path::new(app).join("style"))?);
    let mut text = String::new();
    for sheet in sheets.iter().filter(|sheet| sheet.exists()) {
        text += &fs::read_to_string(sheet).with_context(|| format!("cannot read {}", sheet.display()))?;
        text.push('\n');
    }
    let joined = workshop.join("joined.css");
    fs::write(&joined, text).with_context(|| format!("cannot write {}", joined.display()))?;
    small::esbuild(&joined, &[])
}

fn fill(template: &str, values: &[(&str, String)]) -> Result<String> {
    let mut page = template.to_owned();
    for (name, value) in values {
        page = page.replace(&format!("{{{{{name}}}}}"), value);
    }
    if let Some(start) = page.find("{{") {
        let rest: String = page.chars().skip(start).take(24).collect();
        bail!("the template has a placeholder nobody fills: {rest}");
    }
    Ok(page)
}

#[cfg(test)]
mod tests {
    use super::fill;

    #[test]
    fn every_placeholder_is_filled() {
        let template = r#"<link href="{{css}}"><script src="{{js}}"></script><link href="{{css}}">"#;

        let page = fill(template, &[("css", "/a.css".to_owned()), ("js", "/a.js".to_owned())]).unwrap();

        assert_eq!(page, r#"<link href="/a.css"><script src="/a.js"></script><link href="/a.css">"#);
    }

    #[test]
    fn a_misspelt_placeholder_fails_the_build() {
        let outcome = fill("<script src=\"{{script}}\">", &[("js", "/a.js".to_owned())]);

        assert!(outcome.unwrap_err().to_string().contains("{{script}}"));
    }
}
