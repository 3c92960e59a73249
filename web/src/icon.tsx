const paths = {
  back: 'M15 5l-7 7 7 7',
  bell: 'M6 17h12l-1.500-2v-4a4.500 4.500 0 0 0-9 0v4zM10.500 20h3',
  check: 'M5 12.500l4.500 4.500L19 7.500',
  close: 'M6 6l12 12M18 6L6 18',
  down: 'M12 5v13M6.500 12.500L12 18l5.500-5.500',
  edit: 'M5 19l1-4L16 5l3 3L9 18z',
  invite: 'M10 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM4 19c.5-3.500 2.500-5 6-5 1.300 0 2.400.2 3.300.7M18 12.500v7M14.500 16h7',
  link: 'M10 14l4-4M11 7l1.500-1.500a4 4 0 0 1 6 6L17 13M13 17l-1.500 1.500a4 4 0 0 1-6-6L7 11',
  lock: 'M6.500 11h11v8.500h-11zM8.500 11V8a3.500 3.500 0 0 1 7 0v3',
  people:
    'M9 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM3.500 19c.5-3.500 2.500-5 5.500-5s5 1.500 5.500 5M15.500 11a2.500 2.500 0 0 0 0-5M17 14.500c2 .5 3.200 2 3.500 4.500',
  pin: 'M9 4h6l-.5 6 2.500 3H7l2.500-3zM12 13v7',
  plus: 'M12 5v14M5 12h14',
  react: 'M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16zM8.800 14c.7 1.300 1.800 2 3.200 2s2.500-.7 3.200-2M9.500 10v.1M14.500 10v.1',
  reply: 'M10 7l-5 5 5 5M5 12h8c4 0 6 2 6 6',
  roles: 'M12 3.500l7 2.500v5.500c0 4.500-3 7.500-7 9-4-1.500-7-4.500-7-9V6zM9 12l2.200 2.200L15.300 10',
  search: 'M11 17a6 6 0 1 0 0-12 6 6 0 0 0 0 12zM15.500 15.500L20 20',
  send: 'M5 12l-1-7 17 7-17 7zM5 12h8',
  up: 'M12 19V6M6.500 11.500L12 6l5.500 5.500',
  trash: 'M5 7h14M10 7V5h4v2M7 7l1 12h8l1-12',
} as const;

/** A line drawing beside or in place of words; whoever uses it gives the words. */
export const Icon = ({ name }: { name: keyof typeof paths }) => (
  <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
    <path d={paths[name]} />
  </svg>
);

/** A button that shows an icon alone; its label is told and shown as its title. */
export const IconButton = ({
  name,
  label,
  onClick,
  pressed,
  tabIndex,
}: {
  name: keyof typeof paths;
  label: string;
  onClick: (event: MouseEvent) => void;
  pressed?: boolean;
  tabIndex?: number;
}) => (
  <button type="button" class="icon-button" aria-label={label} title={label} aria-pressed={pressed} tabIndex={tabIndex} onClick={onClick}>
    <Icon name={name} />
  </button>
);
