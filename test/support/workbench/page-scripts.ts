// What is put into a page of the workbench before it starts, or read out of it; as text, since it runs in the browser.

/** Addresses of this machine are opened as they are, since browser and extension host share it. */
export const sameMachine = 'globalThis.sameMachine = true;';

/**
 * The server before which this workbench normally stands hands out its half of the key for SecretStorage; without it secrets would
 * not outlive the page.
 */
export const secretKey = `if (globalThis === globalThis.top) {
  const real = globalThis.fetch;
  globalThis.fetch = (input, init) =>
    String(input).endsWith('/mint-key') ? Promise.resolve(new Response(new Uint8Array(32))) : real(input, init);
}`;

/** An expression: all that this origin keeps in the browser, as one text, with SecretStorage opened. */
export const keptByBrowser = `(async () => {
  const kept = [];
  for (const [key, value] of Object.entries(localStorage)) {
    kept.push(key + '=' + value);
    if (key !== 'secrets.provider') continue;
    // 32 bytes of key (the other half is zero), 12 of the initialisation vector, then the text.
    const bytes = Uint8Array.from(atob(value.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
    const opened = await crypto.subtle.decrypt(
      { name: 'AES-GCM', iv: bytes.slice(32, 44) },
      await crypto.subtle.importKey('raw', bytes.slice(0, 32), 'AES-GCM', true, ['decrypt']),
      bytes.slice(44),
    );
    kept.push('SecretStorage=' + new TextDecoder().decode(opened));
  }
  const finished = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  for (const { name } of await indexedDB.databases()) {
    const database = await finished(indexedDB.open(name));
    for (const store of database.objectStoreNames) {
      const cursor = database.transaction(store).objectStore(store);
      const keys = await finished(cursor.getAllKeys());
      const values = await finished(database.transaction(store).objectStore(store).getAll());
      values.forEach((value, at) => {
        const text = ArrayBuffer.isView(value) ? new TextDecoder().decode(value) : JSON.stringify(value);
        kept.push(name + '/' + store + '/' + String(keys[at]) + '=' + text);
      });
    }
    database.close();
  }
  return kept.join('\\n');
})()`;
