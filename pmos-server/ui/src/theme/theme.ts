import {
  ActionIcon,
  Alert,
  Button,
  Card,
  createTheme,
  Input,
  Menu,
  Modal,
  type MantineColorsTuple,
  Select,
  Switch,
  Tabs,
  TextInput,
  Tooltip,
} from '@mantine/core';

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

export const theme = createTheme({
  colors: { accent },
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
  components: {
    ActionIcon: ActionIcon.extend({ defaultProps: { variant: 'subtle', color: 'gray', size: 36 } }),
    Alert: Alert.extend({ defaultProps: { radius: 'lg' } }),
    Button: Button.extend({ defaultProps: { size: 'sm' } }),
    Card: Card.extend({ defaultProps: { withBorder: true, radius: 'lg', padding: 'md' } }),
    Input: Input.extend({ defaultProps: { size: 'sm' } }),
    Menu: Menu.extend({ defaultProps: { shadow: 'md', withinPortal: true, transitionProps: { duration: 100 } } }),
    Modal: Modal.extend({ defaultProps: { centered: true, radius: 'xl', transitionProps: { duration: 150 } } }),
    Select: Select.extend({ defaultProps: { size: 'sm', allowDeselect: false, checkIconPosition: 'right' } }),
    Switch: Switch.extend({ defaultProps: { size: 'md', withThumbIndicator: false } }),
    Tabs: Tabs.extend({ defaultProps: { keepMounted: false } }),
    TextInput: TextInput.extend({ defaultProps: { size: 'sm' } }),
    Tooltip: Tooltip.extend({
      defaultProps: { withArrow: true, multiline: true, maw: 300, openDelay: 200, events: { hover: true, focus: true, touch: true } },
    }),
  },
});
