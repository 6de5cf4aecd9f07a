// What a page pays for a chat: Roost beside open widgets that are published as packages, each by the file its own
// instructions put into the page. Bytes after Brotli at its best, which is what a careful site would send.
//   node benches/page-weight.mjs     (after `cargo xtask dist`; fetches packages with npm)
import { execFile } from "node:child_process";
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompressSync } from "node:zlib";

const run = promisify(execFile);

const PEERS = [
  { name: "deep-chat", version: "2.4.2", file: "dist/deepChat.bundle.js" },
  { name: "@typebot.io/js", version: "0.10.7", file: "dist/web.js" },
  { name: "flowise-embed", version: "3.1.6", file: "dist/web.js" },
  { name: "@n8n/chat", version: "1.37.0", file: "dist/chat.bundle.es.js" },
  { name: "botframework-webchat", version: "4.18.1", file: "dist/webchat.js" },
];

const brotli = async (file) => brotliCompressSync(await readFile(file)).length;

async function ours() {
  const assets = "static/dist/assets";
  const parts = (await readdir(assets)).filter((name) => /^(bridge|widget)-[\da-f]+\.(js|wasm|css)$/.test(name));
  const sizes = await Promise.all(parts.map((name) => brotli(join(assets, name))));
  const loader = await brotli("static/dist/embed.js");
  return { name: "Roost", before: loader, all: sizes.reduce((sum, size) => sum + size, loader) };
}

async function theirs({ name, version, file }, folder) {
  const { stdout } = await run("npm", ["pack", `${name}@${version}`, "--silent", "--pack-destination", folder]);
  const archive = join(folder, stdout.trim().split("\n").pop());
  await run("tar", ["xzf", archive, "-C", folder, `package/${file}`]);
  // Loaded with the page, so all of it comes before anybody wants to talk.
  const size = await brotli(join(folder, "package", file));
  return { name: `${name} ${version}`, before: size, all: size };
}

const folder = await mkdtemp(join(tmpdir(), "roost-weight-"));
try {
  const rows = [await ours()];
  for (const peer of PEERS) rows.push(await theirs(peer, folder));
  console.log("| | bytes on every page | bytes once somebody talks |\n|---|---:|---:|");
  const grouped = (bytes) => bytes.toLocaleString("en-US");
  for (const { name, before, all } of rows) console.log(`| ${name} | ${grouped(before)} | ${grouped(all)} |`);
} finally {
  await rm(folder, { recursive: true });
}
