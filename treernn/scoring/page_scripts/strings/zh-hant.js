/** What the page says in Traditional Chinese. */

import { signed } from "../result/bar.js";

/** @import { Strings } from "./en.js" */

const KINDS = {
  ...{ sentence: "句子", answer: "回答", denial: "否認", heading: "標題", negation: "否定" },
  ...{ reversal: "反轉", contrast: "對比", intensifier: "加強", diminisher: "減弱" },
  ...{ accord: "互相加強", phrase: "短語", word: "詞" },
};

/** @type {Strings} */
export const traditionalChinese = {
  name: "繁體中文",
  code: "zh-Hant",
  labels: ["非常負面", "負面", "中性", "正面", "非常正面"],

  treeOf: "句子的樹：",
  corrected: "由你更正",
  otherwise: (label) => `另一個讀作${label}`,
  setClass: "改為其他類別",
  fold: "收合",
  unfold: "展開",
  close: "關閉",
  unfoldAll: "全部展開",
  foldNeutral: "收合中性短語",
  zoomIn: "放大",
  zoomOut: "縮小",
  fit: "符合寬度",
  save: "儲存或複製",
  copy: "複製",
  copied: "已複製",
  download: "儲存",
  asPng: "PNG 圖片",
  asSvg: "SVG 圖片",
  asJson: "JSON",
  asBrackets: "括號格式（SST）",
  hint: "指向短語可看機率；按一下可固定並更正類別；按兩下可收合。按鍵：方向鍵、Enter、空白鍵、1 至 5。",
  noTree: "此檔案沒有這個句子的樹。",

  verdict: (label, [bad, none, good]) =>
    `這段文字讀來${traditionalChinese.labels[label]}：正面 ${good} %，負面 ${bad} %${none === null ? "" : `，中性 ${none} %`}。`,
  score: (score, stars) => `分數 ${signed(score)}（−1 至 1），${stars.toFixed(1)} 顆星（滿分 5）`,
  verdictHead: (label, probability) =>
    (probability < 0.5 ? "偏向" : "") + traditionalChinese.labels[label],
  nothingScored: "這段文字沒有可評分的內容。",
  why: "原因",
  noReason: "沒有特別突出的短語。",
  reason: ({ kind, phrase, parts }) => {
    const named = (/** @type {{text: string, label: number}} */ { text, label }) =>
      `「${text}」（${traditionalChinese.labels[label]}）`;
    const name = KINDS[/** @type {keyof typeof KINDS} */ (kind)] ?? kind;
    const from = parts.length ? `，由${parts.map(named).join("與")}組成` : "";
    return `${name}：${named(phrase)}${from}`;
  },
  sentences: (count) => `${count} 個句子`,
  words: "句子的詞；選一個詞可看包含它的短語",
  phrasesOf: (word) => `包含「${word}」的短語，從詞到整句`,
  note: "注意：",
  moreSentences: (count) => `再顯示 ${count} 個句子`,

  filter: "顯示",
  all: "全部",
  unscored: "未評分",
  search: "搜尋文字",
  sort: "排序",
  asGiven: "原來的順序",
  worstFirst: "最負面的在前",
  bestFirst: "最正面的在前",
  unsureFirst: "最不確定的在前",
  rows: (shown, total) => (shown === total ? `${total} 段文字` : `${total} 段文字中的 ${shown} 段`),
  page: (page, pages) => `第 ${page} 頁，共 ${pages} 頁`,
  previous: "上一頁",
  next: "下一頁",
  row: "列",
  verdictColumn: "結論",
  text: "文字",
  missingRows: (count) => `另有 ${count} 段文字不在此檔案中；如需全部，請輸出 CSV、Parquet 或 JSON lines。`,
  missingTrees: (count) => `有 ${count} 段文字只有結論：加上它們的樹會使檔案過大。`,

  corrections: (nodes, trees) => `已更正 ${trees} 個句子中的 ${nodes} 個短語`,
  saveCorrections: "儲存這些樹",
  sendCorrections: "送到伺服器",
  sentCorrections: (trees) => `伺服器已保存 ${trees} 棵樹`,
  discardCorrections: "捨棄",

  tagline: "一段文字的情感，逐個短語",
  intro:
    "每個句子都讀成一棵短語的樹，每個短語都有自己的結論，從非常負面到非常正面，因此看得出文字在哪裡轉折。選一個例子，或自己寫一段文字。",
  prompt: "寫下或貼上一段評論",
  placeholder: "評論、留言、句子……（英文）",
  examples: "例子",
  chooseFile: "為檔案評分（CSV）……",
  readWith: "使用",
  compareWith: "比較",
  agreement: (first, second) => {
    const [one, other] = [first, second].map((label) => traditionalChinese.labels[label] ?? "無");
    return first === second ? `兩者都讀作${one}。` : `兩者不同：${one}與${other}。`;
  },
  differing: (phrases) =>
    phrases === 0 ? "兩者共有的短語類別相同。" : `${phrases} 個短語的類別不同，在樹中以圓環標示。`,
  copyLink: "複製此結果的連結",
  saveJson: "儲存為 JSON",
  noServer: "伺服器沒有回應。它還在運行嗎？",
  tryAgain: "再試一次",
  token: "權杖",
  useToken: "使用此權杖",

  column: "含有文字的欄",
  scoreRows: (rows) => `為 ${rows} 列評分`,
  saveTable: "連同結論儲存（CSV）",
  progress: "已評分的列",
  scored: (scored, total) => `${total} 列中已評分 ${scored} 列`,
  noRows: "此檔案的標題下沒有任何列。",
};
