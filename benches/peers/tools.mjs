// What the peers need on this machine: looked for, and installed where it is missing and may be.
import { execFile, spawn } from "node:child_process";
import { access } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { promisify } from "node:util";

export const run = promisify(execFile);

export const say = (words) => console.error(words);

const folder = import.meta.dirname;

const succeeds = (...command) => run(command[0], command.slice(1)).then(() => true, () => false);

/** Installs Debian packages unless `check` succeeds; throws when that cannot be done. */
async function debian(check, ...packages) {
  if (await succeeds(...check)) return;
  say(`Installing ${packages.join(", ")} with apt-get; where services start by themselves, nginx and Redis will.`);
  const install = () => run("apt-get", ["install", "-y", "--no-install-recommends", ...packages]);
  await install().catch(() => run("apt-get", ["update"]).then(install));
}

export const taskset = () => debian(["taskset", "--version"], "util-linux");
export const redis = () => debian(["redis-server", "--version"], "redis-server");
export const nginx = () => debian(["dpkg", "-s", "libnginx-mod-nchan"], "nginx", "libnginx-mod-nchan");

/** The packages in the lock file, exactly. */
export async function packages() {
  const isThere = await access(`${folder}/node_modules/ws`).then(() => true, () => false);
  if (isThere) return;
  say("Installing the peers' packages with npm.");
  await run("npm", ["ci", "--no-audit", "--no-fund"], { cwd: folder });
}

/** Everything started here that still runs, each in a process group of its own. */
const running = new Map();

/** Starts a program on one core; gives its process, and a promise that fails when it ends badly. */
function launch(core, program, args, options) {
  const child = spawn("taskset", ["-c", String(core), program, ...args], { cwd: folder, detached: true, ...options });
  const ended = new Promise((done, fail) => {
    child.once("error", fail);
    child.once("close", (code) => {
      running.delete(child);
      if (code === 0) done();
      else fail(new Error(`${program} ended with ${code}`));
    });
  });
  // Nobody may be waiting when it ends.
  ended.catch(() => {});
  running.set(child, ended);
  return { child, ended };
}

/** Starts a server on the first core; gives its process once it takes connections at `port`. */
export async function start(port, program, ...args) {
  const { child, ended } = launch(0, program, args, { stdio: ["ignore", "ignore", "inherit"] });
  await Promise.race([ended, listens(port)]);
  return child;
}

/** Runs a program on the second core to its end; gives what it printed. */
export async function output(program, args, env, longestMs) {
  const { child, ended } = launch(1, program, args, { env, stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (more) => (text += more));
  const tooLong = setTimeout(() => stop(child, "SIGKILL"), longestMs);
  await ended.finally(() => clearTimeout(tooLong));
  return text;
}

/** Ends a program and whatever it has started. */
export async function stop(child, signal = "SIGTERM") {
  const ended = running.get(child);
  if (!ended) return;
  const end = (how) => {
    try {
      process.kill(-child.pid, how);
    } catch {
      // It has ended meanwhile.
    }
  };
  end(signal);
  const tooLate = setTimeout(() => end("SIGKILL"), 5_000);
  await ended.catch(() => {});
  clearTimeout(tooLate);
}

export const stopAll = () => Promise.all([...running.keys()].map((child) => stop(child)));

async function listens(port) {
  const isTaken = () =>
    new Promise((done) => {
      const socket = connect(port, "127.0.0.1", () => {
        socket.destroy();
        done(true);
      });
      socket.once("error", () => done(false));
    });
  for (const until = Date.now() + 10_000; Date.now() < until; ) {
    if (await isTaken()) return;
    await new Promise((done) => setTimeout(done, 20));
  }
  throw new Error(`nothing listens on port ${port}`);
}

/** A port nobody listens on. */
export const freePort = () =>
  new Promise((done, fail) => {
    const server = createServer().once("error", fail);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
