import puppeteer from 'puppeteer-core';
import { withLimit } from './limit.mjs';

const PAGE_LIMIT_MS = 120_000;

export function launchBrowser({ chromium, profile, limitMs }) {
  return puppeteer.launch({
    executablePath: chromium,
    headless: true,
    pipe: true, // the browser ends with this process, however that ends
    userDataDir: profile,
    protocolTimeout: 2 * limitMs, // withLimit comes first
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1', // loopback only
      '--enable-blink-features=ForceEagerMeasureMemory', // measure at once instead of at the next garbage collection
    ],
  });
}

/**
 * Opens a bench page.
 *
 * @param {string} url
 * @param {object} [config]  put into the page as `benchConfig` before its script runs
 * @param {number} limitMs   for each call
 */
export async function openPage(browser, url, config, limitMs) {
  const page = await browser.newPage();
  const errors = [];
  page.on('pageerror', (error) => errors.push(String(error.message ?? error)));
  await page.evaluateOnNewDocument((value) => { globalThis.benchConfig = value; }, config ?? {});
  await page.evaluateOnNewDocument(rememberWasmMemories);
  await page.goto(url, { timeout: PAGE_LIMIT_MS });
  await page.waitForFunction(() => {
    if (!globalThis.bench) return false;
    globalThis.benchLoaded ??= performance.now();
    return true;
  }, { polling: 5, timeout: PAGE_LIMIT_MS }).catch((error) => {
    throw new Error(`${url} offers no window.bench: ${errors[0] ?? error.message}`);
  });

  return {
    /** From the start of navigation until `window.bench` was there, in ms. */
    loadMs: await page.evaluate(() => globalThis.benchLoaded),

    /**
     * Calls window.bench[method](argument) and waits for its promise.
     * @returns {Promise<{result: any, startedAt: number, elapsedMs: number}>} startedAt in ms since 1970
     */
    call: (method, argument) => withLimit(limitMs, `${method}()`, page.evaluate(async (name, value) => {
      const start = performance.now();
      const result = await globalThis.bench[name](value);
      return { result, startedAt: performance.timeOrigin + start, elapsedMs: performance.now() - start };
    }, method, argument)).catch((error) => {
      throw errors.length ? new Error(`${error.message} (the page says: ${errors[0]})`) : error;
    }),

    /**
     * Bytes in use by the page and its workers (JavaScript, DOM, buffers), after garbage collection, and the whole
     * memory of its WebAssembly modules, which the browser's own figure leaves out.
     */
    async memoryBytes() {
      const session = await page.createCDPSession();
      await session.send('HeapProfiler.collectGarbage');
      return page.evaluate(async () => {
        if (!globalThis.crossOriginIsolated) return null;
        const { bytes } = await performance.measureUserAgentSpecificMemory();
        return [...globalThis.wasmMemories].reduce((sum, memory) => sum + memory.buffer.byteLength, bytes);
      });
    },

    close: () => page.close(),
  };
}

/** Runs in the page before its scripts. */
function rememberWasmMemories() {
  const memories = new Set();
  globalThis.wasmMemories = memories;
  const remember = ({ exports }) => {
    for (const value of Object.values(exports)) if (value instanceof WebAssembly.Memory) memories.add(value);
  };
  for (const name of ['instantiate', 'instantiateStreaming']) {
    const instantiate = WebAssembly[name];
    WebAssembly[name] = async (...given) => {
      const result = await instantiate.apply(WebAssembly, given);
      remember(result.instance ?? result);
      return result;
    };
  }
  WebAssembly.Instance = new Proxy(WebAssembly.Instance, {
    construct(target, given) {
      const instance = new target(...given);
      remember(instance);
      return instance;
    },
  });
}
