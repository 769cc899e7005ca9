import {
  ActionIcon,
  type ActionIconProps,
  Button,
  type ButtonProps,
  Menu,
  type MenuItemProps,
  Switch,
  Tooltip,
  VisuallyHidden,
} from '@mantine/core';
import { type ComponentPropsWithoutRef, type MouseEvent, type ReactElement, useId } from 'react';

type Native<P> = Omit<ComponentPropsWithoutRef<'button'>, keyof P>;

interface Reasoned {
  /** Why it cannot be used now. It then keeps its place and its focus and says why. */
  reason?: string | null;
}

/** A button that can say why it does not work. */
export function Act({ reason, onClick, ...rest }: ButtonProps & Native<ButtonProps> & Reasoned) {
  return (
    <Explained reason={reason}>
      <Button {...rest} {...refusal(reason, onClick)} />
    </Explained>
  );
}

/** A button that is an icon with a name, and can say why it does not work. */
export function ActIcon({
  name,
  reason,
  onClick,
  ...rest
}: ActionIconProps & Native<ActionIconProps> & Reasoned & { name: string }) {
  return (
    <Explained reason={reason} title={name}>
      <ActionIcon {...rest} aria-label={name} {...refusal(reason, onClick)} />
    </Explained>
  );
}

/** An entry of a menu that can say why it does not work. */
export function ActItem({ reason, onClick, ...rest }: MenuItemProps & Native<MenuItemProps> & Reasoned) {
  return (
    <Explained reason={reason} position="left">
      <Menu.Item {...rest} {...refusal(reason, onClick)} closeMenuOnClick={!reason} />
    </Explained>
  );
}

/** A switch that can say why it does not work; `onFlip` is asked for, not done: what it shows is handed in. */
export function ActSwitch({
  reason,
  checked,
  onFlip,
  label,
  name,
  size,
}: Reasoned & { checked: boolean; onFlip: () => void; label?: string; name?: string; size?: 'sm' | 'md' }) {
  const id = useId();
  return (
    <>
      <Tooltip label={reason} disabled={!reason} refProp="rootRef">
        <Switch
          size={size}
          label={label}
          aria-label={name}
          aria-disabled={reason ? true : undefined}
          aria-describedby={reason ? id : undefined}
          checked={checked}
          onChange={() => !reason && onFlip()}
        />
      </Tooltip>
      {reason && <VisuallyHidden id={id}>{reason}</VisuallyHidden>}
    </>
  );
}

function refusal(reason: string | null | undefined, onClick?: (event: MouseEvent<HTMLButtonElement>) => void) {
  if (!reason) return { onClick };
  return {
    'data-disabled': true,
    'aria-disabled': true,
    onClick: (event: MouseEvent<HTMLButtonElement>) => {
      event.preventDefault();
      event.stopPropagation();
    },
  } as const;
}

function Explained({
  reason,
  title,
  position = 'top',
  children,
}: {
  reason?: string | null;
  title?: string;
  position?: 'top' | 'left';
  children: ReactElement<{ 'aria-describedby'?: string }>;
}) {
  const id = useId();
  if (!reason && !title) return children;
  return (
    <>
      <Tooltip label={reason ?? title} position={position}>
        {reason ? <children.type {...children.props} aria-describedby={id} /> : children}
      </Tooltip>
      {reason && <VisuallyHidden id={id}>{reason}</VisuallyHidden>}
    </>
  );
}
