// Speed beside others: the same generator loads Roost and servers that only pass messages on, one after the other, each alone on
// the first core with the load on the second. Everything stays on this machine. Prints one table.
//   node benches/peers.mjs [path to roost] [--quick]
//   ROOST_BENCH_POSTGRES=postgres://role@host:port     measures Roost on that server too; the role may create databases
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";

import { contenders } from "./peers/contenders.mjs";
import { output, say, stopAll, taskset } from "./peers/tools.mjs";

const { values, positionals } = parseArgs({ options: { quick: { type: "boolean" } }, allowPositionals: true });
const roost = resolve(positionals[0] ?? "target/release/roost");

const SIZES = values.quick
  ? { sockets: 400, rates: [200, 1_000], seconds: 2, receivers: 200, messages: 10 }
  : { sockets: 10_000, rates: [2_000, 10_000], seconds: 10, receivers: 5_000, messages: 40 };
/** Whoever has not begun by then is left out. */
const LATEST_START = Date.now() + 12 * 60_000;
const LONGEST_SCENARIO_MS = 170_000;

/** Runs one scenario of `roost bench`; gives its figures by name. */
async function bench(contender, folder, scenario, options) {
  return contender.measure(folder, async (target, environment) => {
    const args = ["bench", ...scenario, ...options.map(String), ...target, "--json"];
    const printed = await output(roost, args, { ...process.env, ...environment }, LONGEST_SCENARIO_MS);
    return Object.fromEntries(JSON.parse(printed).map(({ what, value }) => [what, value ?? NaN]));
  });
}

/** Idle sockets and connecting; what Roost keeps is measured in the same run. */
async function idle(contender, folder) {
  const { sockets, seconds } = SIZES;
  if (!contender.isOurs) {
    const figures = await bench(contender, folder, ["idle"], ["--sockets", sockets]);
    const of = (what) => figures[`${sockets} sockets: ${what}`];
    return { memory: of("memory each"), connect: of("a connect"), connects: of("connects") };
  }
  const figures = await bench(contender, folder, [], ["--sockets", sockets, "--starts", 1, "--seconds", Math.min(seconds, 5)]);
  return {
    memory: figures["memory per idle socket"],
    connect: figures["connect with boot and key check"],
    connects: figures.connects,
    acks: figures["durable messages acknowledged"],
  };
}

async function measure(contender, folder) {
  const { sockets, rates, seconds, receivers, messages } = SIZES;
  const rooms = ["--sockets", sockets, "--rate", rates.join(), "--seconds", seconds, "--saturated-seconds", Math.min(seconds, 5)];
  return {
    ...(await idle(contender, folder)),
    rooms: await bench(contender, folder, ["rooms"], rooms),
    fanout: await bench(contender, folder, ["fanout"], ["--receivers", receivers, "--messages", messages]),
  };
}

const number = (value, digits = 0) =>
  Number.isFinite(value)
    ? value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits })
    : "?";

const KEEPS_NOTHING = "–: keeps nothing";

/** A row; what did not arrive at a rate is said where its delays would mislead. */
function row({ name, isOurs }, { memory, connect, connects, acks, rooms, fanout }) {
  const delays = SIZES.rates.map((rate) => {
    const at = (what) => rooms[`${rate}/s: ${what}`];
    const lost = at("messages that never arrived");
    const both = ["median", "99th percentile"].map((share) => number(at(`to the other's screen, ${share}`), 2)).join(" · ");
    return lost > 0 ? `${both}, ${number(lost)} late` : both;
  });
  const cells = [
    name,
    number(memory, 1),
    `${number(connects)} · ${number(connect)}`,
    SIZES.rates.map((rate) => number(rooms[`${rate}/s: server CPU per delivery`])).join(" · "),
    ...delays,
    number(rooms["saturated: deliveries"]),
    number(fanout["server CPU per delivery"], 1),
    isOurs ? number(acks) : KEEPS_NOTHING,
  ];
  return `| ${cells.join(" | ")} |`;
}

function head() {
  const [slow, fast] = SIZES.rates.map((rate) => `${number(rate)}/s`);
  const columns = [
    "",
    `KiB per idle socket (${number(SIZES.sockets)})`,
    "connects/s · CPU µs each",
    `CPU µs per delivery at ${slow} · ${fast}`,
    `p50 · p99 ms at ${slow}`,
    `p50 · p99 ms at ${fast}`,
    "deliveries/s, saturated",
    `fan-out to ${number(SIZES.receivers)}, CPU µs per delivery`,
    "durable acks/s",
  ];
  return `| ${columns.join(" | ")} |\n|---|${"---:|".repeat(columns.length - 1)}`;
}

const STATEMENT = `
Roost authenticates everybody who connects, numbers every message and has it on disk before it passes it on; the others keep
nothing, know nobody, and pass on what they hear. CPU is the server's own (with Redis where it is used, without PostgreSQL).
Delays count from when a message was meant to leave. "Late" did not arrive within the measurement.`;

async function main(folder) {
  await taskset();
  const rows = [];
  for (const contender of contenders(process.env.ROOST_BENCH_POSTGRES)) {
    try {
      if (Date.now() > LATEST_START) throw new Error("the time is over");
      for (const need of contender.needs) await need();
      say(`Measuring ${contender.name}.`);
      rows.push(row(contender, await measure(contender, folder)));
    } catch (error) {
      say(`\n*** ${contender.name} is left out: ${error.stderr || error.message}\n`);
    }
  }
  console.log([head(), ...rows, STATEMENT].join("\n"));
}

const folder = await mkdtemp(join(tmpdir(), "roost-peers-"));
process.once("SIGINT", () => stopAll().then(() => process.exit(130)));
try {
  await main(folder);
} finally {
  await stopAll();
  await rm(folder, { recursive: true });
}
