export { stateFolder } from "../state_folder.ts";
