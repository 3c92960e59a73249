import { describe, expect, it } from '@jest/globals';
import { parseText } from '../../../src/text/markdown.js';
import { htmlOf } from './html.js';

const drawn = (text: string): string => htmlOf(parseText(text)).replaceAll('\n', '');
const p = (html: string): string => `<p>${html}</p>`;
const b = (html: string): string => `<strong>${html}</strong>`;
const a = (address: string, text = address): string => `<a href="${address}">${text}</a>`;

describe('texts as people write them are drawn as they are meant', () => {
  it.each<[string, string]>([
    // Code on one line, closed or not
    ['```npm install```', p('<code>npm install</code>')],
    ['```npm install', '<pre><code>npm install</code></pre>'],
    ['~~~npm install~~~', '<pre><code>npm install</code></pre>'],
    ['```js', '<pre><code>js</code></pre>'],
    ['run ```npm install``` now', p('run <code>npm install</code> now')],
    ['``npm install``', p('<code>npm install</code>')],
    ['```npm install\n```', '<pre><code>npm install</code></pre>'],
    ['```npm run build -- --all', '<pre><code>npm run build -- --all</code></pre>'],
    ['- ```npm install', '<ul><li><pre><code>npm install</code></pre></li></ul>'],
    ['> ```npm install', '<blockquote><pre><code>npm install</code></pre></blockquote>'],
    // Nothing but marks
    ['#', p('#')],
    ['# #', p('# #')],
    // Emphasis
    ['***both***', p('<em><strong>both</strong></em>')],
    ['***both** one*', p('<em><strong>both</strong> one</em>')],
    ['**_both_** _**both**_', p('<strong><em>both</em></strong> <em><strong>both</strong></em>')],
    ['in**side**words and *in*side', p(`in${b('side')}words and <em>in</em>side`)],
    ['un~~struck~~en', p('un<del>struck</del>en')],
    ['这是**重要**的', p(`这是${b('重要')}的`)],
    ['这是**“重要”**的', p(`这是${b('“重要”')}的`)],
    ['**注意：**请看', p(`${b('注意：')}请看`)],
    ['请看**（重要）**。', p(`请看${b('（重要）')}。`)],
    ['太郎は**「はい」**と言った', p(`太郎は${b('「はい」')}と言った`)],
    ['**이것은 중요하다(중요).**라고', p(`${b('이것은 중요하다(중요).')}라고`)],
    ['*“强调”*的', p('<em>“强调”</em>的')],
    ['~~删除。~~好', p('<del>删除。</del>好')],
    ['看**[这里](https://e.org/a)**吧', p(`看${b(a('https://e.org/a', '这里'))}吧`)],
    ['**`code`**を', p(`${b('<code>code</code>')}を`)],
    ['𠮷**「𠮷」**𠮷', p(`𠮷${b('「𠮷」')}𠮷`)],
    ['2 * 3 * 4, a * b, snake_case_name', p('2 * 3 * 4, a * b, snake_case_name')],
    // Links
    ['[text](https://e.org/a)', p(a('https://e.org/a', 'text'))],
    ['看[这里](https://e.org/a)。', p(`看${a('https://e.org/a', '这里')}。`)],
    ['请看https://e.org/a。谢谢', p(`请看${a('https://e.org/a')}。谢谢`)],
    ['（https://e.org/a）', p(`（${a('https://e.org/a')}）`)],
    ['「https://e.org/a」と', p(`「${a('https://e.org/a')}」と`)],
    [
      'https://e.org/a，https://e.org/b、https://e.org/c；',
      p(`${a('https://e.org/a')}，${a('https://e.org/b')}、${a('https://e.org/c')}；`),
    ],
    [
      'https://e.org！ https://e.org/？ https://e.org/a?b=1：',
      p(`${a('https://e.org')}！ ${a('https://e.org/')}？ ${a('https://e.org/a?b=1')}：`),
    ],
    ['《https://e.org/a》【https://e.org/b】', p(`《${a('https://e.org/a')}》【${a('https://e.org/b')}】`)],
    ['“https://e.org/a”…', p(`“${a('https://e.org/a')}”…`)],
    [
      '«https://e.org/a» https://e.org/b؟ https://e.org/c।',
      p(`«${a('https://e.org/a')}» ${a('https://e.org/b')}؟ ${a('https://e.org/c')}।`),
    ],
    ['https://e.org/a_(b) (https://e.org/c).', p(`${a('https://e.org/a_(b)')} (${a('https://e.org/c')}).`)],
    ['**https://e.org/a**。', p(`${b(a('https://e.org/a'))}。`)],
    // Lists and tables
    ['- a\n- b', '<ul><li><p>a</p></li><li><p>b</p></li></ul>'],
    ['3) a\n4) b', '<ol start="3"><li><p>a</p></li><li><p>b</p></li></ol>'],
    ['1. a\n   - b', '<ol><li><p>a</p><ul><li><p>b</p></li></ul></li></ol>'],
    ['before\n* a\n+ b', '<p>before</p><ul><li><p>a</p></li></ul><ul><li><p>b</p></li></ul>'],
    ['a | b\n--|--\n1 | **2**', `<table><tr><td>a</td><td>b</td></tr><tr><td>1</td><td>${b('2')}</td></tr></table>`],
    ['表：\n|甲|乙|\n|-|-|\n|1|`|`|', '<p>表：</p><table><tr><td>甲</td><td>乙</td></tr><tr><td>1</td><td>`</td></tr></table>'],
  ])('%j', (text, html) => {
    expect(drawn(text)).toBe(html);
  });
});
