import type { editor } from 'monaco-editor';

/** The names under which the editor knows the colors of this page. */
export const editorTheme = { dark: 'sallyport-dark', light: 'sallyport-light' } as const;

// As style/theme.css has them: the editor reads no style sheet. Its own comments are too dark to read in the dark.
const palettes = {
  dark: { paper: '#181c27', accent: '#a9a2ff', soft: '#29274a', comment: '#8fbf7f' },
  light: { paper: '#ffffff', accent: '#4a3fd1', soft: '#edebff', comment: '#0b6b0b' },
} as const;

/** The colors of the editor in one of the two themes; its background is that of the page behind it. */
export function themeData(theme: 'dark' | 'light'): editor.IStandaloneThemeData {
  const { paper, accent, soft, comment } = palettes[theme];
  const surfaces = [
    'editorHoverWidget.background',
    'editorSuggestWidget.background',
    'editorWidget.background',
    'menu.background',
    'quickInput.background',
  ];
  const marked = [
    'editorSuggestWidget.selectedBackground',
    'list.hoverBackground',
    'menu.selectionBackground',
    'quickInputList.focusBackground',
    'toolbar.hoverBackground',
  ];
  const accents = [
    'editorSuggestWidget.selectedForeground',
    'focusBorder',
    'list.focusHighlightForeground',
    'list.highlightForeground',
    'menu.selectionForeground',
    'textLink.activeForeground',
    'textLink.foreground',
  ];
  const colorAll = (names: readonly string[], color: string) =>
    Object.fromEntries(names.map((name) => [name, color]));
  return {
    base: theme === 'dark' ? 'vs-dark' : 'vs',
    inherit: true,
    rules: [
      { token: 'comment', foreground: comment },
      { token: 'argument.identifier.gql', foreground: accent },
    ],
    colors: {
      'editor.background': '#ffffff00',
      'scrollbar.shadow': '#ffffff00',
      ...colorAll(surfaces, paper),
      ...colorAll(marked, soft),
      ...colorAll(accents, accent),
    },
  };
}
