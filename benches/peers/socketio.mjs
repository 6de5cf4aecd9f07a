// Rooms over Socket.IO: the room stands in the query, and whoever is in it hears what the others say. Keeps nothing.
//   node socketio.mjs PORT [REDIS_ADDRESS]     with an address every message goes through Redis, as between several nodes
import { createServer } from "node:http";

import { createAdapter } from "@socket.io/redis-adapter";
import { createClient } from "redis";
import { Server } from "socket.io";

const [port, redis] = process.argv.slice(2);
const options = { transports: ["websocket"], serveClient: false };

if (redis) {
  const publisher = createClient({ url: redis });
  const subscriber = publisher.duplicate();
  await Promise.all([publisher.connect(), subscriber.connect()]);
  options.adapter = createAdapter(publisher, subscriber);
}

const server = createServer();
new Server(server, options).on("connection", (socket) => {
  const { room } = socket.handshake.query;
  socket.join(room);
  socket.on("m", (text) => socket.to(room).emit("m", text));
});
server.listen(Number(port), "127.0.0.1");
