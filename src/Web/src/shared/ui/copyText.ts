/** Copies text. The clipboard of the browser exists on secure origins only, and many fleets run on plain HTTP. */
export async function copyText(text: string): Promise<boolean> {
  const clipboard = navigator.clipboard as Clipboard | undefined;
  if (clipboard !== undefined) {
    try {
      await clipboard.writeText(text);
      return true;
    } catch {
      // Refused by permission; the old way may still be allowed.
    }
  }
  const area = document.createElement('textarea');
  area.value = text;
  area.className = 'offscreen';
  document.body.append(area);
  area.select();
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- the only way on a plain HTTP origin
  const isCopied = document.execCommand('copy');
  area.remove();
  return isCopied;
}
