import {
  IconArrowBackUp,
  IconArrowsSplit2,
  IconBell,
  IconBox,
  IconBuildingWarehouse,
  IconCalendar,
  IconChartBar,
  IconClock,
  IconCloud,
  IconCode,
  IconCreditCard,
  IconDatabase,
  IconFile,
  IconHandStop,
  IconHourglass,
  IconKey,
  IconMail,
  IconMapPin,
  IconMessage,
  IconPhone,
  IconPlayerPlay,
  IconPlug,
  IconPuzzle,
  IconRepeat,
  IconRobot,
  IconRoute,
  IconSearch,
  IconSend,
  IconShoppingCart,
  IconTag,
  IconTruck,
  IconUser,
  IconUsers,
  IconVariable,
  IconWebhook,
  IconWorld,
} from '@tabler/icons-react';
import classes from './step-icon.module.css';

/** By the names that operations use. Those below are for operations of an embedding program; the book lists them. */
const ICONS: Record<string, typeof IconPuzzle> = {
  webhook: IconWebhook,
  manual: IconPlayerPlay,
  schedule: IconClock,
  set: IconVariable,
  http: IconWorld,
  branch: IconArrowsSplit2,
  loop: IconRepeat,
  delay: IconHourglass,
  subflow: IconRoute,
  respond: IconArrowBackUp,
  stop: IconHandStop,

  bell: IconBell,
  box: IconBox,
  calendar: IconCalendar,
  card: IconCreditCard,
  cart: IconShoppingCart,
  chart: IconChartBar,
  cloud: IconCloud,
  code: IconCode,
  database: IconDatabase,
  file: IconFile,
  key: IconKey,
  mail: IconMail,
  message: IconMessage,
  phone: IconPhone,
  pin: IconMapPin,
  plug: IconPlug,
  robot: IconRobot,
  search: IconSearch,
  send: IconSend,
  tag: IconTag,
  truck: IconTruck,
  user: IconUser,
  users: IconUsers,
  warehouse: IconBuildingWarehouse,
};

/** The icon of a kind of step: the one it names, or an image of its own. */
export function StepIcon({ operation, icon }: { operation: string; icon?: string | null }) {
  const Icon = ICONS[icon ?? operation] ?? IconPuzzle;
  return (
    <span className={classes.frame} aria-hidden>
      {icon?.startsWith('data:image/') ? <img src={icon} alt="" width={18} height={18} /> : <Icon size={18} stroke={1.75} />}
    </span>
  );
}
