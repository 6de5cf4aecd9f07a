// Somebody's website: pages on an origin of its own, and a record of what browsers asked it for.
import { once } from "node:events";
import { createServer } from "node:http";

export class Site {
  // `answer(path)` gives `{ body, headers? }`.
  static async start(name, answer) {
    const site = new Site();
    site.server = createServer((request, response) => {
      const { body, headers = {} } = answer(request.url);
      response.writeHead(200, { "content-type": "text/html; charset=utf-8", "cache-control": "no-store", ...headers });
      response.end(body);
    });
    site.server.listen(0, "127.0.0.1");
    await once(site.server, "listening");
    site.origin = `http://${name}.localhost:${site.server.address().port}`;
    return site;
  }

  async stop() {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, "close");
  }
}

// A plain shop page with whatever was pasted at its end.
export function shopPage(pasted) {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Shop</title></head>
<body><main><h1>Tents</h1><p>The Fjord tent weighs 1.9 kg.</p><a href="/other">Other page</a></main>${pasted}</body>
</html>`;
}
