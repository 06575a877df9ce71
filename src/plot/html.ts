/** Text that is safe to put into a page as it is. Only `markup` and `trusted` make it. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What may stand in a template: text is escaped, Html and lists of it are taken as they are. */
export type Piece = string | number | Html | readonly Html[];

/** A tagged template that escapes everything put into it, so that a name cannot become markup. */
export function markup(strings: TemplateStringsArray, ...pieces: readonly Piece[]): Html {
  let text = strings[0]!;
  pieces.forEach((piece, i) => {
    text += render(piece) + strings[i + 1]!;
  });
  return new Html(text);
}

/** Text that this library wrote itself, such as its style sheet. */
export function trusted(text: string): Html {
  return new Html(text);
}

/** The five characters that mean something in HTML text and attributes. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** JSON that cannot end the script element that it stands in. */
export function jsonForScript(value: unknown): Html {
  return new Html(JSON.stringify(value).replaceAll('<', '\\u003c').replaceAll('\u2028', '\\u2028'));
}

/** A script that cannot end the script element that it stands in: in strings and patterns `\x3c` is `<`. */
export function inlineScript(source: string): Html {
  return new Html(source.replaceAll(/<(?=\/script|!--)/gi, '\\x3c'));
}

function render(piece: Piece): string {
  if (piece instanceof Html) return piece.text;
  if (typeof piece === 'object') return piece.map((part) => part.text).join('');
  return escapeHtml(String(piece));
}
