// What every part of the page needs: calls whose failure is seen, and elements from text.
const { promisified } = window.__TAURI__

export const byId = id => document.getElementById(id)

// An element with text in it. Text never becomes markup.
export function element(name, text, ...children) {
  const made = document.createElement(name)
  if (text !== undefined) made.textContent = text
  made.append(...children)
  return made
}

// Calls a command for a section of the page. What goes wrong stands in that section until it goes right.
export async function ask(section, message) {
  const wrong = byId(section).querySelector('.wrong')
  try {
    const value = await promisified(message)
    wrong.textContent = ''
    return value
  } catch (error) {
    wrong.textContent = error
    throw error
  }
}
