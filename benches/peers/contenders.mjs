// Who is measured: how each is started, and how the load is told where it is.
import { join } from "node:path";

import { configure } from "./nchan.mjs";
import { freePort, nginx, packages, redis, run, start, stop } from "./tools.mjs";

/** Runs `use` with what a server needs to be found by the load, on a server that nobody has used yet. */
const running = (dialect, begin) => async (folder, use) => {
  const port = await freePort();
  const servers = await begin(port, folder);
  try {
    const pids = servers.flatMap(({ pid }) => ["--pid", String(pid)]);
    return await use(["--dialect", dialect, "--url", `ws://127.0.0.1:${port}`, ...pids], {});
  } finally {
    await Promise.all(servers.map((server) => stop(server)));
  }
};

const ws = (port) => start(port, process.execPath, "ws.mjs", String(port)).then((server) => [server]);
const socketio = (port) => start(port, process.execPath, "socketio.mjs", String(port)).then((server) => [server]);

async function socketioWithRedis(port) {
  const redisPort = await freePort();
  const quiet = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
  const store = await start(redisPort, "redis-server", "--port", String(redisPort), ...quiet);
  const address = `redis://127.0.0.1:${redisPort}`;
  return [await start(port, process.execPath, "socketio.mjs", String(port), address), store];
}

const nchan = async (port, folder) => [await start(port, "nginx", ...(await configure(join(folder, String(port)), port)))];

let databases = 0;

/** An empty database for one measurement on the PostgreSQL server at this address. */
const withDatabase = (server) => async (_, use) => {
  const name = `roost_bench_${process.pid}_${(databases += 1)}`;
  const psql = (command) => run("psql", [`${server}/postgres`, "-qc", command]);
  await psql(`create database ${name}`);
  try {
    return await use([], { ROOST_DATABASE_URL: `${server}/${name}` });
  } finally {
    await psql(`drop database ${name} with (force)`);
  }
};

/** `isOurs`: the bench starts it, and it keeps what it is told. `needs`: what must be on this machine. */
export const contenders = (postgres) => [
  { name: "Roost, SQLite", isOurs: true, needs: [], measure: (_, use) => use([], {}) },
  ...(postgres ? [{ name: "Roost, PostgreSQL", isOurs: true, needs: [], measure: withDatabase(postgres) }] : []),
  { name: "ws", needs: [packages], measure: running("plain", ws) },
  { name: "Socket.IO", needs: [packages], measure: running("socketio", socketio) },
  { name: "Socket.IO, Redis adapter", needs: [packages, redis], measure: running("socketio", socketioWithRedis) },
  { name: "nchan (nginx)", needs: [nginx], measure: running("plain", nchan) },
];
