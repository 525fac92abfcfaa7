/** Line drawings on a field of 24 by 24: phones of offices often have no font of pictures. */
const paths = {
  home: "M3 11 12 4l9 7M6 9.500V20h12V9.500M10 20v-6h4v6",
  task: "M6 4h12v17H6zM9 3h6v3H9zM9 11h6M9 15h4",
  bell: "M6 16V11a6 6 0 0 1 12 0v5l2 2H4zM10 21h4",
  hands: "M3 12l4-5 5 3 5-3 4 5-7 7-2-1-2 1zM9 14l2 2M12 12l3 3",
  talk: "M4 5h16v11H11l-5 4v-4H4z",
  today: "M4 6h16v14H4zM4 10h16M8 3v5M16 3v5M8 14h3M13 14h3M8 17h3",
  map: "M3 6l6-2 6 2 6-2v14l-6 2-6-2-6 2zM9 4v14M15 6v14",
  camera: "M4 8h4l2-3h4l2 3h4v11H4zM12 17a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8M4 21c0-5 4-7 8-7s8 2 8 7",
  send: "M12 15V4M8 8l4-4 4 4M4 14v6h16v-6",
  scales: "M12 4v16M6 20h12M5 7h14M5 7l-3 7h6zM19 7l-3 7h6z",
  walk: "M13 5.500a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3M8 12l2-5 4 1 2 3 3 1M11 12l-1 4-4 5M12 13l3 3 1 5",
  letter: "M3 6h18v13H3zM3 7l9 7 9-7",
  phone: "M7 3h10v18H7zM11 18h2",
  broom: "M14 3l-3 9M6 12h9l2 9H3zM8 16v5M12 16v5",
  lamp: "M9 3h6l3 9H6zM12 12v9M8 21h8",
  building: "M5 21V4h9v17M14 9h5v12M3 21h18M8 8h3M8 12h3M8 16h3",
  warning: "M12 4 2.5 20h19zM12 10v5M12 17.500v.5",
  water: "M2 9c3-3 5 3 8 0s5 3 8 0M2 14c3-3 5 3 8 0s5 3 8 0M2 19c3-3 5 3 8 0s5 3 8 0",
  heart: "M12 20C5 15 3 12 3 8.500A4.5 4.5 0 0 1 12 7a4.5 4.5 0 0 1 9 1.500C21 12 19 15 12 20",
  basket: "M4 10h16l-2 10H6zM8 10l3-6M16 10l-3-6",
  tree: "M12 3 5 13h4l-4 5h14l-4-5h4zM12 18v3",
  cross: "M9 4h6v5h5v6h-5v5H9v-5H4V9h5z",
  eye: "M2 12c4-7 16-7 20 0-4 7-16 7-20 0M12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6",
  pin: "M12 21s-7-6.5-7-11a7 7 0 0 1 14 0c0 4.5-7 11-7 11M12 12a2 2 0 1 0 0-4 2 2 0 0 0 0 4",
  hand: "M8 12V6a1.5 1.5 0 0 1 3 0v5M11 11V4.500a1.5 1.5 0 0 1 3 0V11M14 11V6a1.5 1.5 0 0 1 3 0v9c0 4-2 6-5 6s-4-1-6-4l-2-4c1-1 2-1 3 0l1 1",
} as const;

export type IconName = keyof typeof paths;

export const Icon = ({ name }: { name: IconName }) => <svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d={paths[name]} /></svg>;
