import { tusUploader } from "gridwalk/tus";

export const uploader = tusUploader();
