import { Drawer, type DrawerProps, Modal, type ModalProps } from '@mantine/core';
import { m } from '@/messages/en';
import { useLayer } from './layers';

const CLOSE = { 'aria-label': m.app.close };

const stay = () => undefined;

/** A dialog; one that `insists` shows what is gone with it, and closes by its own buttons alone. */
export function Dialog({ insists = false, ...props }: ModalProps & { insists?: boolean }) {
  useLayer(props.opened, insists ? stay : props.onClose);
  return <Modal closeButtonProps={CLOSE} closeOnEscape={false} withCloseButton={!insists} closeOnClickOutside={!insists} {...props} />;
}

export function SidePanel(props: DrawerProps) {
  useLayer(props.opened, props.onClose);
  return <Drawer closeButtonProps={CLOSE} closeOnEscape={false} position="right" {...props} />;
}
