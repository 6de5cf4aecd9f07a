// What the tests of the admin app share.
import assert from "node:assert/strict";
import { screenshot, violations } from "./browser.mjs";
import { sidewaysScroll } from "./world.mjs";

export const BO = { name: "Bo Winther", email: "bo@example.com", password: "kestrel-anvil-31-rope" };
export const CAY = { name: "Cay Holm", email: "cay@example.com", password: "walrus-ember-58-tile" };
export const LOOKS = [1440, 390].flatMap((width) => ["light", "dark"].map((colorScheme) => ({ width, colorScheme })));

// Looks at a screen wide and narrow, light and dark. `ready` brings it back to what is to be seen after a change of size.
export async function assertAccessible(page, name, ready = async () => {}) {
  const before = page.viewportSize();
  const found = [];
  for (const { width, colorScheme } of LOOKS) {
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme });
    await ready();
    await screenshot(page, `${name}-${width}-${colorScheme}`);
    for (const line of await violations(page)) found.push(`${name} ${width} ${colorScheme}: ${line}`);
    const sideways = await sidewaysScroll(page);
    if (sideways > 0 || (await page.evaluate(() => window.innerWidth)) > width) found.push(`${name} ${width}: the page scrolls sideways`);
  }
  await page.setViewportSize(before);
  await page.emulateMedia({ colorScheme: null });
  assert.deepEqual(found, []);
}

export async function fillSignIn(page, email, password) {
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

export const button = (page, name) => page.getByRole("button", { name, exact: true });
export const inboxOf = (page) => page.getByRole("region", { name: "Conversations" });
export const backgroundOf = (locator) => locator.evaluate((element) => getComputedStyle(element).backgroundColor);
