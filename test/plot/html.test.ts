import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { escapeHtml, markup, inlineScript, jsonForScript, trusted } from '../../src/plot/html.ts';

const hostile = `</script><img src=x onerror="alert('1')">&amp;<!-- \u2028`;

describe('markup', () => {
  it('escapes whatever is put into it', () => {
    expect(markup`<b title="${hostile}">${hostile}</b>`.text).toBe(
      `<b title="${escapeHtml(hostile)}">${escapeHtml(hostile)}</b>`,
    );
    expect(escapeHtml(`<&>"'`)).toBe('&lt;&amp;&gt;&quot;&#39;');
  });

  it('takes its own kind, lists of it and trusted text as they are', () => {
    const items = ['a<b', 'c'].map((text) => markup`<li>${text}</li>`);
    expect(markup`<ul>${items}</ul>${trusted('<hr>')}${5}`.text).toBe(
      '<ul><li>a&lt;b</li><li>c</li></ul><hr>5',
    );
  });
});

describe('what goes into script elements', () => {
  it('cannot end them as JSON, and stays the same JSON', () => {
    const { text } = jsonForScript({ name: hostile });
    expect(text).not.toMatch(/<|\u2028/);
    expect(JSON.parse(text)).toEqual({ name: hostile });
  });

  it('cannot end them as code, and stays the same code', () => {
    const code = String.raw`"</script><!--</SCRIPT x>" + /<\/script>|<!--/.test("<!--")`;
    const { text } = inlineScript(code);
    expect(text).not.toMatch(/<\/script|<!--/i);
    expect(runInNewContext(text)).toBe('</script><!--</SCRIPT x>true');
  });
});
