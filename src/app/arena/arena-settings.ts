/** `bench arena score` */
export interface ArenaScoreSettings {
  rules: string | null;
  markdown: boolean;
  json: boolean;
}

/** `bench arena leaderboard` */
export interface ArenaLeaderboardSettings {
  rules: string | null;
  output: string | null;
  json: boolean;
}
