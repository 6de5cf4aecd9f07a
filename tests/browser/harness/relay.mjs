// A relay of one's own: the real program on a free port, with an empty data folder, an owner and nothing else.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const ROOST = resolve(process.env.ROOST_BINARY ?? "target/debug/roost");

export const OWNER = { name: "Ada Lindqvist", email: "ada@example.com", password: "gannet-orbit-74-lamp" };

// A port nobody listens on.
export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

async function run(folder, words, input = "") {
  const program = spawn(ROOST, ["--data-dir", join(folder, "data"), ...words], { cwd: folder, stdio: ["pipe", "pipe", "pipe"] });
  let [output, errors] = ["", ""];
  program.stdout.on("data", (piece) => (output += piece));
  program.stderr.on("data", (piece) => (errors += piece));
  program.stdin.end(input);
  const [code] = await once(program, "close");
  if (code !== 0) throw new Error(`roost ${words.join(" ")} ended with ${code}: ${errors}`);
  return JSON.parse(output);
}

export class Relay {
  constructor(folder, port) {
    this.folder = folder;
    this.port = port;
    this.url = `http://chat.localhost:${port}`;
    this.log = "";
  }

  // An installation with its owner, ready to be signed in to.
  static async start() {
    const relay = await Relay.startEmpty();
    const name = ["--name", OWNER.name, "--email", OWNER.email, "--workspace", "Northwind Outdoor"];
    await run(relay.folder, ["init", ...name, "--password-stdin", "--json"], OWNER.password);
    return relay;
  }

  // As it is on a new machine: nobody has an account, the log has the set-up link.
  static async startEmpty() {
    const relay = new Relay(await mkdtemp(join(tmpdir(), "roost-browser-")), await freePort());
    await relay.resume();
    return relay;
  }

  async resume() {
    const options = ["--data-dir", join(this.folder, "data"), "--listen", `127.0.0.1:${this.port}`, "--public-url", this.url];
    // Dozens of visitors come from one address here; the limits have tests of their own.
    const noLimits = { ROOST_LIMIT_BOOTS_PER_MINUTE_PER_IP: "0", ROOST_LIMIT_LOGINS_PER_MINUTE_PER_IP: "0", ROOST_LIMIT_CONNECTIONS_PER_IP: "0" };
    this.program = spawn(ROOST, [...options, "serve"], { cwd: this.folder, env: { ...process.env, ...noLimits }, stdio: ["ignore", "ignore", "pipe"] });
    const isReady = new Promise((done, fail) => {
      this.program.stderr.on("data", (piece) => {
        this.log += piece;
        if (this.log.includes("Roost is ready") && this.log.endsWith("\n")) done();
      });
      this.program.once("close", (code) => fail(new Error(`roost serve ended with ${code}: ${this.log}`)));
    });
    await isReady;
  }

  // The one-time link an empty installation prints.
  get setupLink() {
    return this.log.match(/http\S+\/setup#token=\S+/)[0];
  }

  async createWidget(name, ...origins) {
    const list = origins.flatMap((origin) => ["--origin", origin]);
    return run(this.folder, ["widget", "create", "--name", name, ...list, "--json"]);
  }

  // SIGKILL: the process is gone in the middle of whatever it did.
  async crash() {
    await this.end("SIGKILL");
    this.log = "";
  }

  async stop() {
    await this.end("SIGTERM");
    await rm(this.folder, { recursive: true, force: true });
  }

  async end(signal) {
    if (this.program.exitCode !== null || this.program.signalCode !== null) return;
    const closed = once(this.program, "close");
    this.program.kill(signal);
    await closed;
  }
}
