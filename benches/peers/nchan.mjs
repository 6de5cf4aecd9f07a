// nginx with nchan: /room/ID is a channel, and whoever is connected says things to it and hears it, themselves included.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Writes a configuration into a folder; gives the arguments nginx is started with. */
export async function configure(folder, port) {
  await mkdir(join(folder, "temporary"), { recursive: true });
  const config = join(folder, "nginx.conf");
  await writeFile(config, text(folder, port));
  return ["-c", config, "-e", join(folder, "error.log")];
}

const text = (folder, port) => `
load_module modules/ngx_nchan_module.so;
daemon off;
worker_processes 1;
worker_rlimit_nofile 20000;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log warn;
events { worker_connections 20000; }
http {
  access_log off;
  client_body_temp_path ${folder}/temporary;
  proxy_temp_path ${folder}/temporary;
  fastcgi_temp_path ${folder}/temporary;
  uwsgi_temp_path ${folder}/temporary;
  scgi_temp_path ${folder}/temporary;
  nchan_shared_memory_size 256M;
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location ~ ^/room/(.+)$ {
      nchan_pubsub websocket;
      nchan_channel_id $1;
      nchan_store_messages off;
      nchan_subscriber_first_message newest;
      nchan_websocket_ping_interval 25s;
    }
  }
}
`;
