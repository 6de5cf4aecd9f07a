// What a page's browser asks for, keeps and shows.

// What is asked of the relay from now on, in order. A browser's own question whether it may ask is not counted.
export function requests(context, relay) {
  const asked = [];
  context.on("request", (request) => request.url().startsWith(relay.url) && request.method() !== "OPTIONS" && asked.push(request.url()));
  return asked;
}

export const path = (address) => new URL(address).pathname;

// The page has nothing left to do.
export const idle = (page) => page.evaluate(() => new Promise((done) => requestIdleCallback(() => done())));

// Everything on the device: of the page, of the frames given, and the cookies of everybody.
export async function kept(context, ...frames) {
  const cookies = (await context.cookies()).map(({ name }) => `cookie ${name}`);
  const stored = frames.map((frame) =>
    frame.evaluate(async () => [
      ...Object.keys(localStorage).map((name) => `local ${name}`),
      ...Object.keys(sessionStorage).map((name) => `session ${name}`),
      ...(await indexedDB.databases()).map(({ name }) => `database ${name}`),
      ...(globalThis.caches ? await caches.keys() : []).map((name) => `cache ${name}`),
    ]),
  );
  return [...cookies, ...(await Promise.all(stored)).flat()];
}

// The page's elements outside the body's text, as a list of tags.
export async function elements(page, address) {
  if (address) await page.goto(address);
  return page.evaluate(() => [...document.querySelectorAll("*")].map((element) => element.localName).filter((name) => name !== "script"));
}
