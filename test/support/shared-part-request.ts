/** Asks the parts server at `url` for `name` and waits until it is up. Throws with the part's own message when it cannot be had. */
export async function sharedPartAt(url: string, name: string): Promise<unknown> {
  const response = await fetch(`${url}/${name}`, { method: "POST" });
  if (!response.ok) throw new Error(`The shared part ${name} cannot be had: ${await response.text()}`);
  return response.json();
}
