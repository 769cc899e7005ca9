import { createTheme, type MantineColorsTuple } from '@mantine/core';

/** Steps of the accent. What is really painted comes from `tokens.css`; the library wants a full scale. */
const accent: MantineColorsTuple = [
  '#eef2fd',
  '#e0e7fb',
  '#c3d0f6',
  '#9fb3f0',
  '#7690e8',
  '#4c6cdc',
  '#2f54d0',
  '#2747b5',
  '#203a95',
  '#1a2f78',
];

/** The library's own dark greys are warm; ours are not. From text to canvas. */
const dark: MantineColorsTuple = [
  '#eceff3',
  '#c5ccd6',
  '#aab3c0',
  '#8d97a5',
  '#3a424e',
  '#2c333d',
  '#1f242c',
  '#171b21',
  '#13171c',
  '#0f1216',
];

export const theme = createTheme({
  colors: { accent, dark },
  primaryColor: 'accent',
  primaryShade: { light: 6, dark: 6 },
  fontFamily: "'Inter Variable', system-ui, -apple-system, 'Segoe UI', sans-serif",
  fontFamilyMonospace: "ui-monospace, 'SF Mono', 'DejaVu Sans Mono', Menlo, Consolas, monospace",
  fontSizes: { xs: '12px', sm: '13px', md: '14px', lg: '16px', xl: '24px' },
  lineHeights: { xs: '16px', sm: '20px', md: '20px', lg: '24px', xl: '32px' },
  spacing: { xs: '8px', sm: '12px', md: '16px', lg: '24px', xl: '32px' },
  radius: { xs: '4px', sm: '6px', md: '8px', lg: '10px', xl: '14px' },
  defaultRadius: 'md',
  breakpoints: { xs: '36em', sm: '48em', md: '62em', lg: '75em', xl: '88em' },
  headings: {
    sizes: {
      h1: { fontSize: '24px', lineHeight: '32px', fontWeight: '650' },
      h2: { fontSize: '16px', lineHeight: '24px', fontWeight: '600' },
      h3: { fontSize: '13px', lineHeight: '20px', fontWeight: '600' },
    },
  },
  respectReducedMotion: true,
  cursorType: 'pointer',
  // Plain objects, because naming the components here would load all of them with the first page.
  components: {
    ActionIcon: { defaultProps: { variant: 'subtle', color: 'gray', size: 36 } },
    Alert: { defaultProps: { radius: 'lg' } },
    Button: { defaultProps: { size: 'sm' } },
    Card: { defaultProps: { withBorder: true, radius: 'lg', padding: 'md' } },
    Drawer: { styles: { title: { fontSize: '16px', lineHeight: '24px', fontWeight: 600 } } },
    Input: { defaultProps: { size: 'sm' }, vars: () => ({ wrapper: { '--input-fz': '14px' } }) },
    InputWrapper: {
      defaultProps: { inputWrapperOrder: ['label', 'input', 'description', 'error'] },
      styles: {
        label: { fontSize: '14px', lineHeight: '20px', fontWeight: 550, marginBottom: '4px' },
        description: { fontSize: '12px', lineHeight: '16px', marginTop: '4px', color: 'var(--pm-text-2)' },
        error: { fontSize: '12px', lineHeight: '16px', marginTop: '4px' },
      },
    },
    Menu: { defaultProps: { shadow: 'md', withinPortal: true, transitionProps: { duration: 100 } } },
    Modal: {
      defaultProps: { centered: true, radius: 'xl', padding: 'lg', transitionProps: { duration: 150 } },
      styles: { title: { fontSize: '16px', lineHeight: '24px', fontWeight: 600 } },
    },
    // Inside a dialog a <header> would count as the banner of the page.
    ModalHeader: { defaultProps: { role: 'presentation' } },
    DrawerHeader: { defaultProps: { role: 'presentation' } },
    Select: { defaultProps: { size: 'sm', allowDeselect: false, checkIconPosition: 'right' } },
    Switch: { defaultProps: { size: 'md', withThumbIndicator: false } },
    Tabs: { defaultProps: { keepMounted: false } },
    TextInput: { defaultProps: { size: 'sm' } },
    Tooltip: {
      defaultProps: { withArrow: true, multiline: true, maw: 300, openDelay: 200, events: { hover: true, focus: true, touch: true } },
    },
  },
});
