// Made by plugin-host types: the types of these plugins' commands: notification.
// What is changed here is gone when it is made again.

export {}

declare global {
  interface PluginHostCommands {
    /**
     * Shows a notification, where the user has allowed that.
     *
     * Answers with null when the desktop has taken it, for which it has five seconds. No markup is read in it. At most 20 are shown within
     * 10 seconds.
     */
    "notification": {
      arguments: { options: Notice }
      result: null
      values: never
    }
    "notification/notification": PluginHostCommands["notification"]
    /** Whether notifications may be shown; null while the user has not been asked. */
    "isNotificationPermissionGranted": {
      arguments: {}
      result: boolean | null
      values: never
    }
    "notification/isNotificationPermissionGranted": PluginHostCommands["isNotificationPermissionGranted"]
    /**
     * Asks the user whether notifications may be shown, unless that is known, and keeps the answer: `granted` or `denied`.
     *
     * It takes the plugin `dialog` to ask.
     */
    "requestNotificationPermission": {
      arguments: {}
      result: unknown
      values: never
    }
    "notification/requestNotificationPermission": PluginHostCommands["requestNotificationPermission"]
  }
}

/** A notification. Options of the browser's `Notification` that are not listed here mean nothing. */
export type Notice = {
  /** The text below: 2000 characters at most. It is shown as it is; no markup is read in it. */
  body?: string | null
  /** The name of an icon in the desktop's theme, such as `dialog-information` or the application's own; no path. */
  icon?: string | null
  /** Its first line: 200 characters at most. */
  title: string
}
